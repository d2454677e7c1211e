//! A document as a tree of values, whatever its syntax.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    /// In the order of the document. A duplicate key occurs twice, so that it can be refused.
    Table(Vec<(String, Self)>),
    /// A value that could not be read and is left out. Lists and objects pass over it.
    LeftOut,
}

impl Tree {
    /// The type of the value, for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Table(_) => "an object",
            Self::LeftOut => "left out",
        }
    }

    /// Leaves out the value at a place: the keys and indexes that lead to it. Returns whether there is one.
    pub(crate) fn leave_out(&mut self, tokens: &[String]) -> bool {
        let Some((token, rest)) = tokens.split_first() else {
            return !matches!(std::mem::replace(self, Self::LeftOut), Self::LeftOut);
        };
        match self {
            Self::List(items) => {
                let item = token.parse().ok().and_then(|index: usize| items.get_mut(index));
                item.is_some_and(|item| item.leave_out(rest))
            }
            // A duplicate key is left out altogether.
            Self::Table(entries) => entries
                .iter_mut()
                .filter(|(key, _)| key == token)
                .fold(false, |is_done, (_, value)| value.leave_out(rest) || is_done),
            _ => false,
        }
    }
}

/// Integers above 2^53 lose their last digits; the grammar allows none as large.
#[expect(clippy::cast_precision_loss, reason = "the grammar allows no value as large as 2^53")]
const fn number(whole: i64) -> Tree {
    Tree::Number(whole as f64)
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// Whole numbers are written without decimals.
impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null | Self::LeftOut => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
                serializer.serialize_i64(*number as i64)
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Table(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }

    fn visit_i64<E>(self, whole: i64) -> Result<Tree, E> {
        Ok(number(whole))
    }

    #[expect(clippy::cast_precision_loss, reason = "the grammar allows no value as large as 2^53")]
    fn visit_u64<E>(self, whole: u64) -> Result<Tree, E> {
        Ok(Tree::Number(whole as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Tree, E> {
        Ok(Tree::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            table.push(entry);
        }
        Ok(Tree::Table(table))
    }
}

/// Dates and times of TOML become the texts that JSON has for them.
impl From<toml::Value> for Tree {
    fn from(value: toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Self::Text(text),
            toml::Value::Integer(whole) => number(whole),
            toml::Value::Float(float) => Self::Number(float),
            toml::Value::Boolean(flag) => Self::Flag(flag),
            toml::Value::Datetime(datetime) => Self::Text(text_of(&datetime)),
            toml::Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            toml::Value::Table(table) => Self::from(table),
        }
    }
}

impl From<toml::Table> for Tree {
    fn from(table: toml::Table) -> Self {
        Self::Table(table.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
    }
}

/// A time of day without seconds is `09:00`, as windows have it.
fn text_of(datetime: &toml::value::Datetime) -> String {
    match (datetime.date, datetime.time) {
        (None, Some(time))
            if time.second.unwrap_or_default() == 0 && time.nanosecond.unwrap_or_default() == 0 =>
        {
            format!("{:02}:{:02}", time.hour, time.minute)
        }
        _ => datetime.to_string(),
    }
}
