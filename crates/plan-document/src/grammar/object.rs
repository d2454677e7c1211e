//! Objects, defined by their keys.

/// Defines an object. Per key: its description, its name in the document, the local variable of its value, its grammar,
/// the value to write, and a hint for required keys. The last expression builds the domain's value from the local
/// variables, or says what is wrong with their combination.
///
/// `, absent` after the type makes the key of such an object optional: left out, it stands for the default value.
/// `with` after the type adds keywords to the schema. A description may be an expression: `#[doc = format!(…)]`.
macro_rules! object {
    (
        $(#[doc = $doc:expr])+
        $name:ident of $value:ident: $type:ty $(, $absent:ident)? $(; with $keywords:tt)? = $expected:literal {
            $(
                $(#[doc = $field_doc:expr])+
                $key:literal $field:ident: $grammar:ty = $get:expr $(; $hint:literal)?,
            )+
        }
        $build:expr
    ) => {
        pub(crate) enum $name {}

        impl $crate::grammar::Grammar for $name {
            type Value = $type;
            const NAME: Option<&'static str> = Some(stringify!($name));

            fn read(
                node: &$crate::problems::Node<'_>,
                problems: &mut $crate::problems::Problems,
            ) -> $crate::problems::Read<$type> {
                let mut fields = $crate::grammar::fields::Fields::of(node, problems, $expected)?;
                $(
                    let hint = None$(.or(Some($hint)))?;
                    let $field = fields.read::<$grammar>($key, hint, problems);
                )+
                fields.finish(problems)?;
                $(let $field = $field?;)+
                let built: Result<$type, std::borrow::Cow<'static, str>> = $build;
                built.map_err(|what| problems.report(&node.at, what))
            }

            fn write($value: &$type) -> $crate::tree::Tree {
                let entries = [$(
                    ($key, <$grammar as $crate::grammar::Grammar>::write_field($get)),
                )+];
                let entries = entries.into_iter();
                let entries = entries.filter_map(|(key, value)| Some((key.to_owned(), value?)));
                $crate::tree::Tree::Table(entries.collect())
            }

            $(object! { @ $absent $type })?

            fn schema(
                definitions: &mut $crate::grammar::Definitions,
            ) -> $crate::grammar::Schema {
                use $crate::grammar::schema::description;
                let mut object = $crate::grammar::schema::ObjectSchema::new(definitions);
                $(object.property::<$grammar>(
                    $key,
                    description(&[$(($field_doc).to_string()),+]),
                );)+
                let schema = object.finish(&description(&[$(($doc).to_string()),+]));
                let further: Vec<$crate::grammar::Schema> = vec![$($crate::grammar::schema::keywords(serde_json::json!($keywords)))?];
                schema.into_iter().chain(further.into_iter().flatten()).collect()
            }
        }
    };
    (@ absent $type:ty) => {
        fn absent() -> Option<$type> {
            Some(<$type>::default())
        }

        fn write_field(value: &$type) -> Option<$crate::tree::Tree> {
            (*value != <$type>::default()).then(|| Self::write(value))
        }
    };
}
