//! Writing a part into the catalogue, and changing one.

use shared_model::document::DocumentKind;
use shared_model::features::part::{Command, FieldEdit, NewPart, Part};
use shared_model::features::{Command as AnyCommand, View};
use shared_model::identity::DocumentId;
use shared_model::input::{MAX_CODE_BYTES, MAX_LABEL_BYTES, MAX_NAME_BYTES, MAX_TEXT_CHARS, MAX_UNIT_BYTES};
use yew::prelude::*;

use crate::engine_client::{use_attempt, use_engine, use_views};
use crate::fresh_id;
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::{Route, use_replace};
use crate::shell::form_page;
use crate::widgets::{FormField, Input, Values};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The part to change; none: a new one.
    #[prop_or_default]
    pub id: Option<DocumentId>,
}

/// A part, new or as it is.
#[component]
pub fn PartForm(props: &Props) -> Html {
    let (attempt, engine) = (use_attempt(), use_engine());
    let layout = use_layout();
    let goes = use_replace();
    let views = use_views(props.id.as_slice());
    let part = match views.first() {
        Some(View::Part(part)) => Some(&**part),
        _ if props.id.is_some() => return html! {},
        _ => None,
    };
    let back = props.id.map_or(Route::Parts, |id| Route::Part { id });
    let title = part.map_or_else(|| t!("new-part"), |part| t!("edit-named", name = part.number.clone()));
    let known = props.id;
    let onsubmit = Callback::from(move |values: Values| {
        let id = known.unwrap_or_else(fresh_id::document);
        let command = match known {
            Some(_) => Command::Edit { id, edits: edits(&values, |name| values.has_changed(name)) },
            None => create(id, &values),
        };
        attempt.run(vec![AnyCommand::Part(command)], goes.reform(move |()| Route::Part { id }));
    });
    let mut fields = fields(part);
    fields.retain(|field| engine.may_fill_in(DocumentKind::Part, field.name, part.is_none()));
    form_page(layout, title, back, fields, onsubmit)
}

fn fields(part: Option<&Part>) -> Vec<FormField> {
    let of = |read: fn(&Part) -> &String| part.map(read).cloned().unwrap_or_default();
    let maybe =
        |read: fn(&Part) -> &Option<String>| part.and_then(|part| read(part).clone()).unwrap_or_default();
    let needed = |most: usize, missing: AttrValue| {
        move |text: &str| match text.trim().len() {
            0 => missing.clone(),
            length if length > most => t!("too-long"),
            _ => AttrValue::default(),
        }
    };
    let short =
        |most: usize| move |text: &str| if text.len() > most { t!("too-long") } else { AttrValue::default() };
    vec![
        FormField::text("number", t!("part-number"), of(|part| &part.number))
            .checked(needed(MAX_CODE_BYTES, t!("part-number-needed"))),
        FormField::text("name", t!("field-name"), of(|part| &part.name))
            .checked(needed(MAX_NAME_BYTES, t!("part-name-needed"))),
        FormField::text(
            "unit",
            t!("part-unit"),
            part.map_or_else(|| t!("part-unit-usual").to_string(), |part| part.unit.clone()),
        )
        .checked(needed(MAX_UNIT_BYTES, t!("part-unit-needed"))),
        FormField::text("category", t!("part-category"), maybe(|part| &part.category))
            .checked(short(MAX_CODE_BYTES)),
        FormField::text("manufacturer", t!("asset-manufacturer"), maybe(|part| &part.manufacturer))
            .checked(short(MAX_LABEL_BYTES)),
        FormField::text("barcode", t!("part-barcode"), maybe(|part| &part.barcode))
            .checked(short(MAX_LABEL_BYTES)),
        FormField::text("description", t!("description"), of(|part| &part.description))
            .taking(Input::Lines)
            .of_at_most(MAX_TEXT_CHARS),
    ]
}

fn edits(values: &Values, wanted: impl Fn(&str) -> bool) -> Vec<FieldEdit> {
    const NAMES: [&str; 7] = ["number", "name", "unit", "category", "manufacturer", "barcode", "description"];
    let edit = |name: &str| {
        let (text, given) = (values.text(name), values.get(name).to_owned());
        match name {
            "number" => FieldEdit::Number(given),
            "name" => FieldEdit::Name(given),
            "unit" => FieldEdit::Unit(given),
            "category" => FieldEdit::Category(text),
            "manufacturer" => FieldEdit::Manufacturer(text),
            "barcode" => FieldEdit::Barcode(text),
            _ => FieldEdit::Description(values.edit(name)),
        }
    };
    NAMES.into_iter().filter(|name| wanted(name)).map(edit).collect()
}

fn create(id: DocumentId, values: &Values) -> Command {
    let further = |name: &str| !matches!(name, "number" | "name" | "unit") && !values.get(name).is_empty();
    Command::Create(Box::new(NewPart {
        id,
        number: values.get("number").to_owned(),
        name: values.get("name").to_owned(),
        unit: values.get("unit").to_owned(),
        fields: edits(values, further),
    }))
}
