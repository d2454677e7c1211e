//! The attribute that turns a module of laws into tests.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Attribute, Error, Ident, Item, ItemFn, ItemMod, Path, Visibility};

/// Makes a macro that registers every law of a module as a test of a harness.
///
/// ```ignore
/// #[laws(accounts::account_laws)]
/// pub mod laws {
///     use super::*;
///
///     /// What must hold.
///     pub async fn an_account_is_found_as_it_was_added(fixture: &Fixture) { … }
/// }
/// ```
///
/// The argument consists of the path of the enclosing module, from the crate root, and the name of
/// the macro. Every function of the module is registered as a law, so put other functions outside
/// the module. The function `check` beside the enclosing module runs a law.
#[proc_macro_attribute]
pub fn laws(argument: TokenStream, module: TokenStream) -> TokenStream {
    let path = syn::parse_macro_input!(argument as Path);
    let module = syn::parse_macro_input!(module as ItemMod);
    expand(&path, &module).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn expand(path: &Path, module: &ItemMod) -> syn::Result<Tokens> {
    let names: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
    let [parents @ .., enclosing, name] = names.as_slice() else {
        return Err(Error::new_spanned(path, "expected `module::macro_name`"));
    };
    let Some((_, items)) = &module.content else {
        return Err(Error::new_spanned(module, "laws stand in an inline module"));
    };
    let mut tests = Tokens::new();
    for item in items {
        match item {
            Item::Use(_) => {}
            Item::Fn(law) => {
                let (docs, name) = (docs(law)?, &law.sig.ident);
                let module = &module.ident;
                tests.extend(quote! {
                    #(#docs)*
                    #[tokio::test(flavor = "multi_thread")]
                    async fn #name() {
                        $crate::#(#parents::)* check::<$harness>($crate::#(#parents::)* #enclosing::#module::#name)
                            .await;
                    }
                });
            }
            other => {
                return Err(Error::new_spanned(other, "a module of laws has only laws"));
            }
        }
    }
    let module_doc = format!("The laws that `{name}!` registers.");
    let macro_doc = format!("Registers the laws of `{enclosing}` as tests of a harness.");
    Ok(quote! {
        #[doc = #module_doc]
        #[allow(clippy::wildcard_imports, reason = "laws use the imports of the module around them, if any")]
        #module

        #[doc = #macro_doc]
        #[macro_export]
        macro_rules! #name {
            ($harness:ty) => { #tests };
        }
    })
}

/// The documentation of a law. It is required, and states what must hold.
fn docs(law: &ItemFn) -> syn::Result<Vec<&Attribute>> {
    let docs: Vec<_> =
        law.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
    let is_public = matches!(law.vis, Visibility::Public(_));
    if law.sig.asyncness.is_none() || !is_public || docs.is_empty() {
        let shape =
            "a law is a documented `pub async fn`; other functions are outside of the module";
        return Err(Error::new_spanned(&law.sig, shape));
    }
    Ok(docs)
}
