//! Requests to Twilio.

use std::borrow::Cow;

use reqwest::Method;
use serde_json::Value;

use super::hosts::Product;
use super::keys::Keys;

/// The body of a request.
#[derive(Clone)]
pub(crate) enum Body {
    None,
    Form(Vec<(Cow<'static, str>, String)>),
    Json(Value),
}

/// Whether a request changes anything at Twilio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It changes nothing, so it can be repeated after any failure.
    Read,
    /// It is repeated only if Twilio certainly did not process it.
    Write,
}

/// A request. It does not implement `Debug`, because its path and body contain phone numbers and URLs.
#[derive(Clone)]
pub(crate) struct Request {
    /// The name in logs and errors, for example `number.find`.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) product: Product,
    pub(crate) keys: Keys,
    /// The path and query below the host of the product.
    pub(crate) path: String,
    pub(crate) body: Body,
}

impl Request {
    /// A request that reads.
    pub(crate) const fn get(
        operation: &'static str,
        product: Product,
        keys: Keys,
        path: String,
    ) -> Self {
        Self { operation, method: Method::GET, product, keys, path, body: Body::None }
    }

    /// A request that creates or changes a resource.
    pub(crate) const fn post(
        operation: &'static str,
        product: Product,
        keys: Keys,
        path: String,
    ) -> Self {
        Self { operation, method: Method::POST, product, keys, path, body: Body::None }
    }

    /// A request that deletes a resource.
    pub(crate) const fn delete(
        operation: &'static str,
        product: Product,
        keys: Keys,
        path: String,
    ) -> Self {
        Self { operation, method: Method::DELETE, product, keys, path, body: Body::None }
    }

    /// Sets form fields as the body.
    pub(crate) fn form<N: Into<Cow<'static, str>>>(
        mut self,
        fields: impl IntoIterator<Item = (N, String)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
        self.body = Body::Form(fields.collect());
        self
    }

    /// Sets a JSON document as the body.
    pub(crate) fn json(mut self, document: Value) -> Self {
        self.body = Body::Json(document);
        self
    }

    pub(crate) fn access(&self) -> Access {
        if self.method == Method::GET { Access::Read } else { Access::Write }
    }
}
