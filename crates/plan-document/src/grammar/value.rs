//! Single values: texts, words, numbers.

use std::ops::RangeInclusive;

use serde_json::json;
use switchboard_domain::plan::Share;

use super::schema::keywords;
use super::{Definitions, Grammar, Schema};
use crate::nearest::nearest;
use crate::problems::{Node, Problems, Read};
use crate::tree::Tree;

/// Defines a text: its description, the domain's type, the keywords of its schema, how it is parsed and how it is written.
macro_rules! text {
    (
        $(#[doc = $doc:expr])+
        $name:ident of $type:ty, with $keywords:tt, $parse:expr, $write:expr
    ) => {
        pub(crate) enum $name {}

        impl $crate::grammar::Grammar for $name {
            type Value = $type;
            const NAME: Option<&'static str> = Some(stringify!($name));

            fn read(
                node: &$crate::problems::Node<'_>,
                problems: &mut $crate::problems::Problems,
            ) -> $crate::problems::Read<$type> {
                let text = $crate::grammar::value::text(node, problems)?;
                ($parse)(text).map_err(|error| problems.report(&node.at, error.to_string()))
            }

            fn write(value: &$type) -> $crate::tree::Tree {
                $crate::tree::Tree::Text(($write)(value).to_string())
            }

            fn schema(_: &mut $crate::grammar::Definitions) -> $crate::grammar::Schema {
                use $crate::grammar::schema::{description, keywords};
                let mut schema = keywords(serde_json::json!($keywords));
                schema.insert("type".to_owned(), "string".into());
                let description = description(&[$(($doc).to_string()),+]);
                schema.insert("description".to_owned(), description.into());
                schema
            }
        }
    };
}

/// Defines a choice of words: its description, the domain's type, and each value with its description. A word is what
/// `as_str` returns.
macro_rules! word {
    (
        $(#[doc = $doc:expr])+
        $name:ident of $type:ty, with $keywords:tt, [$(($value:expr, $meaning:literal)),+ $(,)?]
    ) => {
        pub(crate) enum $name {}

        const _: () = assert!([$($meaning),+].len() == <$type>::ALL.len(), "a value is missing");

        impl $crate::grammar::Grammar for $name {
            type Value = $type;
            const NAME: Option<&'static str> = Some(stringify!($name));

            fn read(
                node: &$crate::problems::Node<'_>,
                problems: &mut $crate::problems::Problems,
            ) -> $crate::problems::Read<$type> {
                $crate::grammar::value::word(node, problems, &[$(($value.as_str(), $value)),+])
            }

            fn write(value: &$type) -> $crate::tree::Tree {
                $crate::tree::Tree::Text(value.as_str().to_owned())
            }

            fn schema(_: &mut $crate::grammar::Definitions) -> $crate::grammar::Schema {
                use $crate::grammar::schema::{description, keywords};
                let mut schema = keywords(serde_json::json!($keywords));
                let words = serde_json::json!([$(
                    {"const": $value.as_str(), "description": $meaning, "type": "string"}
                ),+]);
                schema.insert("oneOf".to_owned(), words);
                let description = description(&[$(($doc).to_string()),+]);
                schema.insert("description".to_owned(), description.into());
                schema
            }
        }
    };
}

/// Defines whole numbers of a range, and the one that a missing key stands for.
macro_rules! whole {
    ($name:ident of $type:ty, $range:expr, default $default:literal) => {
        pub(crate) enum $name {}

        impl $crate::grammar::Grammar for $name {
            type Value = $type;
            const NAME: Option<&'static str> = None;

            fn read(
                node: &$crate::problems::Node<'_>,
                problems: &mut $crate::problems::Problems,
            ) -> $crate::problems::Read<$type> {
                $crate::grammar::value::whole(node, problems, &$range)
            }

            fn absent() -> Option<$type> {
                Some($default)
            }

            fn write(value: &$type) -> $crate::tree::Tree {
                $crate::tree::Tree::Number(f64::from(*value))
            }

            fn schema(_: &mut $crate::grammar::Definitions) -> $crate::grammar::Schema {
                $crate::grammar::schema::keywords(serde_json::json!({
                    "type": "integer",
                    "minimum": $range.start(),
                    "maximum": $range.end(),
                    "default": $default,
                }))
            }
        }
    };
}

pub(super) fn text<'t>(node: &Node<'t>, problems: &mut Problems) -> Read<&'t str> {
    match node.tree {
        Tree::Text(text) => Ok(text),
        _ => Err(problems.expected(node, "text")),
    }
}

/// Reads one of some words, or one of the old words that are not offered any more.
pub(super) fn word<T: Clone>(
    node: &Node<'_>,
    problems: &mut Problems,
    words: &[(&'static str, T)],
) -> Read<T> {
    let text = text(node, problems)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(value.clone());
    }
    let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    let meant = nearest(text, words.iter().copied());
    let hint = meant.map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
    Err(problems.report(&node.at, format!("must be one of {}{hint}", words.join(", "))))
}

/// Reads a whole number of a range. `1.0` is whole, as in JSON Schema.
pub(super) fn whole<T: Copy + Into<u32> + TryFrom<u32>>(
    node: &Node<'_>,
    problems: &mut Problems,
    range: &RangeInclusive<T>,
) -> Read<T> {
    let Tree::Number(number) = *node.tree else {
        return Err(problems.expected(node, "a number"));
    };
    let (least, most): (u32, u32) = ((*range.start()).into(), (*range.end()).into());
    let is_within = (f64::from(least)..=f64::from(most)).contains(&number);
    let whole = (is_within && number.fract() == 0.0).then(|| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole and between two numbers of this type"
        )]
        let whole = number as u32;
        whole
    });
    whole.and_then(|whole| T::try_from(whole).ok()).ok_or_else(|| {
        problems.report(&node.at, format!("must be a whole number from {least} to {most}"))
    })
}

/// `true` or `false`.
pub(crate) enum Flag {}

impl Grammar for Flag {
    type Value = bool;
    const NAME: Option<&'static str> = None;

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<bool> {
        match node.tree {
            Tree::Flag(flag) => Ok(*flag),
            _ => Err(problems.expected(node, "true or false")),
        }
    }

    fn write(flag: &bool) -> Tree {
        Tree::Flag(*flag)
    }

    fn schema(_: &mut Definitions) -> Schema {
        keywords(json!({"type": "boolean"}))
    }
}

/// A percentage with at most two decimals.
pub(crate) enum Percent {}

impl Grammar for Percent {
    type Value = Share;
    const NAME: Option<&'static str> = None;

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Share> {
        let Tree::Number(percent) = *node.tree else {
            return Err(problems.expected(node, "a number"));
        };
        let hundredths = (percent * 100.0).round();
        // Two decimals are never exact in binary: a number closer than a millionth was written with two decimals.
        let has_two_decimals = (percent * 100.0 - hundredths).abs() < 1e-6;
        let share = if has_two_decimals && (0.0..=10_000.0).contains(&hundredths) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole and between 0 and 10,000"
            )]
            Share::of_hundredths(hundredths as u16)
        } else {
            None
        };
        share.ok_or_else(|| {
            let what = "must be a percentage from 0.01 to 100 with at most two decimals";
            problems.report(&node.at, what)
        })
    }

    fn write(share: &Share) -> Tree {
        Tree::Number(f64::from(share.hundredths()) / 100.0)
    }

    fn schema(_: &mut Definitions) -> Schema {
        keywords(json!({"type": "number", "minimum": 0.01, "maximum": 100}))
    }
}
