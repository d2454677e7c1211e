//! The grammar of documents, defined once: each part is read, written and described by one definition.
//!
//! A definition is an empty type that implements [`Grammar`] for a type of the domain. `object!` defines an object by its
//! keys, `text!` a text, `word!` a choice of words, `whole!` a range of whole numbers. The limits and defaults of the
//! grammar are written nowhere else: messages and schema take them from the definitions.

#[macro_use]
mod object;
#[macro_use]
mod value;

mod action;
mod caller;
mod fields;
mod plan;
mod schedule;
mod schema;
mod text;
mod then;

pub(crate) use plan::Plan;
pub(crate) use schedule::{Dates, Schedule};
pub use schema::schema;
pub(crate) use text::{PhoneNumber, dates, number};

use crate::problems::{Node, Problems, Read};
use crate::tree::Tree;
use schema::{Definitions, Schema};

/// A part of the grammar.
pub(crate) trait Grammar {
    /// What the domain has for it.
    type Value;

    /// The name of its definition in the schema. `None`: the schema is written where the part is used.
    const NAME: Option<&'static str>;

    /// Reads a value. Reports everything that is wrong with it.
    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Self::Value>;

    /// The value of a key that is left out. `None`: the key is required.
    fn absent() -> Option<Self::Value> {
        None
    }

    /// Writes a value in its canonical form.
    fn write(value: &Self::Value) -> Tree;

    /// Writes the value of a key. `None`: the canonical form leaves the key out.
    fn write_field(value: &Self::Value) -> Option<Tree> {
        Some(Self::write(value))
    }

    /// Describes the value as a JSON Schema.
    fn schema(definitions: &mut Definitions) -> Schema;
}

/// A key that may be left out.
impl<G: Grammar> Grammar for Option<G> {
    type Value = Option<G::Value>;
    const NAME: Option<&'static str> = None;

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Self::Value> {
        G::read(node, problems).map(Some)
    }

    fn absent() -> Option<Self::Value> {
        Some(None)
    }

    fn write(value: &Self::Value) -> Tree {
        value.as_ref().map_or(Tree::Null, G::write)
    }

    fn write_field(value: &Self::Value) -> Option<Tree> {
        value.as_ref().map(G::write)
    }

    fn schema(definitions: &mut Definitions) -> Schema {
        definitions.reference::<G>()
    }
}

/// A list. Its key may be left out if the list is empty.
impl<G: Grammar> Grammar for Vec<G> {
    type Value = Vec<G::Value>;
    const NAME: Option<&'static str> = None;

    /// Reads every entry, also those after one that cannot be read.
    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Self::Value> {
        let Tree::List(items) = node.tree else {
            return Err(problems.expected(node, "a list"));
        };
        let mut values = Ok(Vec::with_capacity(items.len()));
        let items = items.iter().enumerate().filter(|(_, tree)| **tree != Tree::LeftOut);
        for (index, tree) in items {
            let item = G::read(&Node { tree, at: node.at.at(index) }, problems);
            match (&mut values, item) {
                (Ok(values), Ok(value)) => values.push(value),
                (_, Err(reported)) => values = Err(reported),
                (Err(_), Ok(_)) => {}
            }
        }
        values
    }

    fn absent() -> Option<Self::Value> {
        Some(Vec::new())
    }

    fn write(values: &Self::Value) -> Tree {
        Tree::List(values.iter().map(G::write).collect())
    }

    fn write_field(values: &Self::Value) -> Option<Tree> {
        (!values.is_empty()).then(|| Self::write(values))
    }

    fn schema(definitions: &mut Definitions) -> Schema {
        schema::array(definitions.reference::<G>())
    }
}

/// A list with at least one entry. Its key may be left out, which is another thing than an empty list: without the key
/// there is no condition, and an empty list could only be a mistake of whoever filled it.
pub(crate) struct NonEmpty<G>(std::marker::PhantomData<G>);

impl<G: Grammar> Grammar for NonEmpty<G> {
    type Value = Vec<G::Value>;
    const NAME: Option<&'static str> = None;

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Self::Value> {
        let values = Vec::<G>::read(node, problems)?;
        if values.is_empty() {
            return Err(problems.report(&node.at, "is empty; add an entry, or leave the key out"));
        }
        Ok(values)
    }

    fn absent() -> Option<Self::Value> {
        Vec::<G>::absent()
    }

    fn write(values: &Self::Value) -> Tree {
        Vec::<G>::write(values)
    }

    fn write_field(values: &Self::Value) -> Option<Tree> {
        Vec::<G>::write_field(values)
    }

    fn schema(definitions: &mut Definitions) -> Schema {
        let mut schema = Vec::<G>::schema(definitions);
        schema.insert("minItems".to_owned(), serde_json::json!(1));
        schema
    }
}
