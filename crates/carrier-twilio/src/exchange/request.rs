//! What is asked.

use std::borrow::Cow;

use reqwest::Method;
use serde_json::Value;

use super::hosts::Product;
use super::keys::Keys;

/// What is sent along.
#[derive(Clone)]
pub(crate) enum Body {
    None,
    Form(Vec<(Cow<'static, str>, String)>),
    Json(Value),
}

/// A request. It has no `Debug`: its path and its body carry numbers and URLs.
#[derive(Clone)]
pub(crate) struct Request {
    /// What is being done, for logs and errors.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) product: Product,
    pub(crate) keys: Keys,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) body: Body,
}

impl Request {
    /// Asks for something.
    pub(crate) const fn get(
        operation: &'static str,
        product: Product,
        keys: Keys,
        path: String,
    ) -> Self {
        Self { operation, method: Method::GET, product, keys, path, body: Body::None }
    }

    /// Makes or changes something.
    pub(crate) const fn post(
        operation: &'static str,
        product: Product,
        keys: Keys,
        path: String,
    ) -> Self {
        Self { operation, method: Method::POST, product, keys, path, body: Body::None }
    }

    /// Removes something.
    pub(crate) const fn delete(
        operation: &'static str,
        product: Product,
        keys: Keys,
        path: String,
    ) -> Self {
        Self { operation, method: Method::DELETE, product, keys, path, body: Body::None }
    }

    /// With form fields.
    pub(crate) fn form<N: Into<Cow<'static, str>>>(
        mut self,
        fields: impl IntoIterator<Item = (N, String)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
        self.body = Body::Form(fields.collect());
        self
    }

    /// With a JSON document.
    pub(crate) fn json(mut self, document: Value) -> Self {
        self.body = Body::Json(document);
        self
    }

    /// Whether the request changes nothing at Twilio, and so can be repeated after any failure.
    pub(crate) fn is_read(&self) -> bool {
        self.method == Method::GET
    }
}
