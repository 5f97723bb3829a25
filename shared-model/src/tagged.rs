//! Enums whose tag stands among their fields, `{"do": "edit", "id": …}`.
//!
//! serde's own way reads everything into a tree first and the variant from that tree, with code of its own for each
//! type; in WASM that doubles what reading costs. Here the text of the object is kept, the tag looked up in it, and
//! the variant read from the same text. The JSON is the same.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, VariantAccess, Visitor,
};
use serde::ser::{self, Impossible, SerializeStruct, SerializeStructVariant, Serializer};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};
use serde_json::value::RawValue;
use serde_json::{Deserializer as Json, Error};

/// Gives an enum with `#[serde(remote = "Self")]` its tag. Its variants are units, have named fields, or hold one
/// thing that is written as an object.
#[macro_export]
macro_rules! tagged {
    ($type:ty, $tag:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$type>::serialize(self, $crate::tagged::Tagging::new(serializer, $tag))
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let object = $crate::tagged::Object::deserialize(deserializer, $tag)?;
                <$type>::deserialize(&object).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// The text of an object and the tag found in it.
pub struct Object {
    text: Box<RawValue>,
    tag: String,
}

impl Object {
    /// Reads an object that has the tag. Fails when it is none, or has no tag.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
        tag: &'static str,
    ) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let found = json(&text).deserialize_map(TagOf(tag)).map_err(de::Error::custom)?;
        Ok(Self { text, tag: found })
    }
}

fn json(text: &RawValue) -> Json<serde_json::de::SliceRead<'_>> {
    Json::from_slice(text.get().as_bytes())
}

struct TagOf(&'static str);

impl<'de> Visitor<'de> for TagOf {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with `{}`", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != self.0 {
                map.next_value::<IgnoredAny>()?;
            } else if found.replace(map.next_value()?).is_some() {
                return Err(de::Error::duplicate_field(self.0));
            }
        }
        found.ok_or_else(|| de::Error::missing_field(self.0))
    }
}

impl<'de> Deserializer<'de> for &'de Object {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for &'de Object {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let tag: StrDeserializer<'_, Error> = de::IntoDeserializer::into_deserializer(self.tag.as_str());
        Ok((seed.deserialize(tag)?, self))
    }
}

impl<'de> VariantAccess<'de> for &'de Object {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(&mut json(&self.text))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("a tuple cannot stand beside a tag"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        json(&self.text).deserialize_struct("", fields, visitor)
    }
}

/// Writes the tag as the first field of what a variant holds.
pub struct Tagging<S> {
    inner: S,
    tag: &'static str,
    variant: Option<&'static str>,
}

impl<S: Serializer> Tagging<S> {
    /// Before the variant is known.
    pub const fn new(inner: S, tag: &'static str) -> Self {
        Self { inner, tag, variant: None }
    }

    fn object(
        self,
        name: &'static str,
        variant: &'static str,
        len: usize,
    ) -> Result<S::SerializeStruct, S::Error> {
        let mut object = self.inner.serialize_struct(name, len + 1)?;
        object.serialize_field(self.tag, variant)?;
        Ok(object)
    }

    fn refuse<T>(self) -> Result<T, S::Error> {
        Err(ser::Error::custom(format_args!("what has the tag `{}` must be an object", self.tag)))
    }
}

/// The named fields of a variant.
pub struct Fields<S>(S);

impl<S: SerializeStruct> SerializeStructVariant for Fields<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        self.0.serialize_field(key, value)
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
        self.0.skip_field(key)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

macro_rules! refused {
    ($($method:ident($type:ty),)+) => {$(
        fn $method(self, _: $type) -> Result<S::Ok, S::Error> {
            self.refuse()
        }
    )+};
}

impl<S: Serializer> Serializer for Tagging<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Impossible<S::Ok, S::Error>;
    type SerializeTuple = Impossible<S::Ok, S::Error>;
    type SerializeTupleStruct = Impossible<S::Ok, S::Error>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = Impossible<S::Ok, S::Error>;
    type SerializeStruct = S::SerializeStruct;
    type SerializeStructVariant = Fields<S::SerializeStruct>;

    fn serialize_unit_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.object(name, variant, 0)?.end()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(Self { variant: Some(variant), ..self })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.object(name, variant, len).map(Fields)
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<S::SerializeStruct, S::Error> {
        match self.variant {
            Some(variant) => self.object(name, variant, len),
            None => self.refuse(),
        }
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    refused! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32),
        serialize_f64(f64), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str),
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.refuse()
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.refuse()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<S::Ok, S::Error> {
        self.refuse()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.refuse()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.refuse()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.refuse()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.refuse()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.refuse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        name: String,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(remote = "Self", rename_all = "snake_case")]
    enum Inner {
        Nothing,
        Fields {
            #[serde(default)]
            count: u32,
        },
        Holds(Box<Held>),
        #[serde(other)]
        Unknown,
    }
    tagged!(Inner, "do");

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(remote = "Self", rename_all = "snake_case")]
    enum Outer {
        Inside(Inner),
    }
    tagged!(Outer, "on");

    fn read(text: &str) -> Result<Outer, Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let held = Inner::Holds(Box::new(Held { name: "pump \"7\"".into() }));
        for (value, text) in [
            (Inner::Nothing, r#"{"on":"inside","do":"nothing"}"#),
            (Inner::Fields { count: 3 }, r#"{"on":"inside","do":"fields","count":3}"#),
            (held, r#"{"on":"inside","do":"holds","name":"pump \"7\""}"#),
        ] {
            let value = Outer::Inside(value);
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
            assert_eq!(read(text).unwrap(), value);
        }
    }

    #[test]
    fn the_tag_may_stand_anywhere_and_a_new_one_is_unknown() {
        let fields = Outer::Inside(Inner::Fields { count: 3 });
        assert_eq!(read(r#"{"count":3,"newer":[1],"do":"fields","on":"inside"}"#).unwrap(), fields);
        let unknown = Outer::Inside(Inner::Unknown);
        assert_eq!(read(r#"{"on":"inside","do":"teleport","where":{}}"#).unwrap(), unknown);
        let from_tree = serde_json::json!({ "on": "inside", "do": "nothing" });
        assert_eq!(serde_json::from_value::<Outer>(from_tree).unwrap(), Outer::Inside(Inner::Nothing));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, problem) in [
            ("[]", "an object with `on`"),
            (r#"{"do":"nothing"}"#, "missing field `on`"),
            (r#"{"on":"inside","on":"inside","do":"nothing"}"#, "duplicate field `on`"),
            (r#"{"on":"outside","do":"nothing"}"#, "unknown variant `outside`"),
            (r#"{"on":"inside","do":"fields","count":"3"}"#, "invalid type"),
            (r#"{"on":7}"#, "invalid type"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
