//! How rows travel to PostgreSQL: one array for each column, which it unfolds side by side. Unfolding rows from JSON was a
//! third of what writing them cost (`docs/decisions/0034-what-stays-is-not-written.md`).

use std::borrow::Cow;
use std::fmt::Write;
use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, Encode, Postgres, Type};
use uuid::Uuid;

/// A row of a projection table.
pub trait Row: Hash + Sized {
    /// Hashes the columns that, within the organisation, make its key.
    fn hash_key<H: Hasher>(&self, state: &mut H);

    /// Adds one array for each column, in their order.
    fn bind(rows: &[&Self], arguments: &mut PgArguments) -> Result<(), BoxDynError>;
}

/// The type of a column's values.
pub trait Column: Sized + 'static {
    /// What the array holds.
    const ELEMENT: &'static str;
    /// What an element is turned into when it has been unfolded; empty when it stays what it is. An array of arrays
    /// would be unfolded into its innermost elements, so those travel as text.
    const CAST: &'static str = "";

    /// Adds the array of these values.
    fn bind<'r>(
        values: impl Iterator<Item = &'r Self>,
        arguments: &mut PgArguments,
    ) -> Result<(), BoxDynError>;
}

/// Bytes, such as an actor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

fn add<'r, T>(values: impl Iterator<Item = T>, arguments: &mut PgArguments) -> Result<(), BoxDynError>
where
    Vec<T>: Encode<'r, Postgres> + Type<Postgres>,
{
    arguments.add(values.collect::<Vec<T>>())
}

macro_rules! plain {
    ($($type:ty => $element:literal),+ $(,)?) => {$(
        impl Column for $type {
            const ELEMENT: &'static str = $element;

            fn bind<'r>(
                values: impl Iterator<Item = &'r Self>,
                arguments: &mut PgArguments,
            ) -> Result<(), BoxDynError> {
                add(values.copied(), arguments)
            }
        }
    )+};
}

plain! {
    bool => "boolean",
    i32 => "integer",
    i64 => "bigint",
    Option<i64> => "bigint",
    Uuid => "uuid",
    Option<Uuid> => "uuid",
    DateTime<Utc> => "timestamptz",
    Option<DateTime<Utc>> => "timestamptz",
    &'static str => "text",
    Option<&'static str> => "text",
}

impl Column for String {
    const ELEMENT: &'static str = "text";

    fn bind<'r>(
        values: impl Iterator<Item = &'r Self>,
        arguments: &mut PgArguments,
    ) -> Result<(), BoxDynError> {
        add(values.map(|text| storable(text)), arguments)
    }
}

impl Column for Option<String> {
    const ELEMENT: &'static str = "text";

    fn bind<'r>(
        values: impl Iterator<Item = &'r Self>,
        arguments: &mut PgArguments,
    ) -> Result<(), BoxDynError> {
        add(values.map(|text| text.as_deref().map(storable)), arguments)
    }
}

impl Column for Bytes {
    const ELEMENT: &'static str = "bytea";

    fn bind<'r>(
        values: impl Iterator<Item = &'r Self>,
        arguments: &mut PgArguments,
    ) -> Result<(), BoxDynError> {
        add(values.map(|bytes| bytes.0.as_slice()), arguments)
    }
}

impl Column for Vec<Uuid> {
    const ELEMENT: &'static str = "text";
    const CAST: &'static str = "::uuid[]";

    fn bind<'r>(
        values: impl Iterator<Item = &'r Self>,
        arguments: &mut PgArguments,
    ) -> Result<(), BoxDynError> {
        add(values.map(|ids| array(ids.iter().map(Uuid::to_string))), arguments)
    }
}

impl Column for Vec<String> {
    const ELEMENT: &'static str = "text";
    const CAST: &'static str = "::text[]";

    fn bind<'r>(
        values: impl Iterator<Item = &'r Self>,
        arguments: &mut PgArguments,
    ) -> Result<(), BoxDynError> {
        add(values.map(|texts| array(texts.iter())), arguments)
    }
}

/// PostgreSQL has no place for the character NUL, so it is shown as what it is: unprintable.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// An array as PostgreSQL writes one, every element quoted.
fn array(elements: impl Iterator<Item: AsRef<str>>) -> String {
    let mut text = String::from("{");
    for element in elements {
        text.push_str(if text.len() > 1 { ",\"" } else { "\"" });
        for character in storable(element.as_ref()).chars() {
            if matches!(character, '"' | '\\') {
                text.push('\\');
            }
            text.push(character);
        }
        text.push('"');
    }
    text.push('}');
    text
}

/// `select` the columns from arrays that are bound from `$first` on.
pub(super) fn unfold(columns: &[&str], types: &[(&str, &str)], first: usize) -> String {
    let (mut chosen, mut names, mut arrays) = (String::new(), String::new(), String::new());
    for (place, (column, (element, cast))) in columns.iter().zip(types).enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        // Writing to a text cannot fail.
        let _ = write!(chosen, "{comma}\"{column}\"{cast} as \"{column}\"");
        let _ = write!(names, "{comma}\"{column}\"");
        let _ = write!(arrays, "{comma}${}::{element}[]", first + place);
    }
    format!("select {chosen} from unnest({arrays}) as row ({names})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_an_array_are_quoted() {
        let written = |texts: &[&str]| array(texts.iter());
        assert_eq!(written(&[]), "{}");
        assert_eq!(written(&["a", "", "null"]), r#"{"a","","null"}"#);
        assert_eq!(
            written(&["a,b}", "say \"oil\"", "c:\\d", "x\0y"]),
            "{\"a,b}\",\"say \\\"oil\\\"\",\"c:\\\\d\",\"x\u{fffd}y\"}"
        );
    }

    #[test]
    fn columns_are_unfolded_side_by_side() {
        let types = [(Uuid::ELEMENT, Uuid::CAST), (Vec::<String>::ELEMENT, Vec::<String>::CAST)];
        assert_eq!(
            unfold(&["id", "tags"], &types, 2),
            r#"select "id" as "id", "tags"::text[] as "tags" from unnest($2::uuid[], $3::text[]) as row ("id", "tags")"#
        );
    }
}
