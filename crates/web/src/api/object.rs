use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;

/// A JSON object that has each of its names once.
#[derive(Debug)]
pub(super) struct Object(BTreeMap<String, Value>);

impl Object {
    /// The struct with exactly these fields.
    ///
    /// # Errors
    /// The first field that is missing, not known or of another kind.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, BrokenRule> {
        let fields = Fields {
            left: self.0.into_iter(),
            current: None,
        };
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachOnce;

        impl<'de> Visitor<'de> for EachOnce {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name is there twice"));
                    }
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(EachOnce)
    }
}

/// Which field breaks which rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BrokenRule {
    /// Its name, as given or as missing.
    pub(super) field: String,
    /// What is asked of it: "must be …".
    pub(super) rule: String,
}

impl BrokenRule {
    fn new(field: &str, rule: &str) -> Self {
        let (field, rule) = (field.to_owned(), rule.to_owned());
        Self { field, rule }
    }
}

impl Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for BrokenRule {}

impl Error for BrokenRule {
    fn custom<T: Display>(what: T) -> Self {
        Self::new("", &what.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(field, "must be given")
    }

    fn unknown_field(field: &str, _known: &'static [&'static str]) -> Self {
        Self::new(field, "is not known here")
    }
}

/// The fields that are left to read, and the value of the one whose name was read.
struct Fields {
    left: std::collections::btree_map::IntoIter<String, Value>,
    current: Option<Field>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = BrokenRule;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, BrokenRule> {
        let Some((name, value)) = self.left.next() else {
            return Ok(None);
        };
        let key = seed.deserialize(name.as_str().into_deserializer())?;
        self.current = Some(Field { name, value });
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, BrokenRule> {
        let field = self.current.take();
        seed.deserialize(field.ok_or_else(|| BrokenRule::custom("has no name"))?)
    }
}

/// A value of one of the few kinds that requests are made of. It goes by the kind that is asked
/// for, and so it knows what to say when it is of another.
struct Field {
    name: String,
    value: Value,
}

impl Field {
    fn must_be(&self, kind: &str) -> BrokenRule {
        BrokenRule::new(&self.name, &format!("must be {kind}"))
    }
}

impl<'de> Deserializer<'de> for Field {
    type Error = BrokenRule;

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BrokenRule> {
        match self.value {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(self.must_be("a string")),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BrokenRule> {
        match self.value.as_i64() {
            Some(number) => visitor.visit_i64(number),
            None => Err(self.must_be("a whole number")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BrokenRule> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, BrokenRule> {
        Err(self.must_be("something else"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
