//! The lists of the `OpenAPI` document refer to the schemas of their entries. Without this, each list repeats the schema, and
//! generated clients have two types for each object.

use utoipa::Modify;
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema};

/// The name of the schema of a list: this, and the name of the schema of its entries.
const LIST: &str = "List_";
/// The field with the entries.
const DATA: &str = "data";

/// Replaces the repeated schemas by references.
pub(crate) struct Lists;

impl Modify for Lists {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = &mut document.components else { return };
        for (name, schema) in &mut components.schemas {
            let (Some(entry), RefOr::T(Schema::Object(list))) = (name.strip_prefix(LIST), schema)
            else {
                continue;
            };
            if let Some(RefOr::T(Schema::Array(data))) = list.properties.get_mut(DATA) {
                let reference = RefOr::Ref(Ref::from_schema_name(entry));
                data.items = ArrayItems::RefOrSchema(Box::new(reference));
            }
        }
    }
}
