//! A webhook as it arrived, before it is verified.

use switchboard_domain::claimed_account::FieldSource;
use switchboard_domain::field::FieldError;
use switchboard_domain::form::Form;
use switchboard_domain::signature::{Content, SignedRequest};

/// Where the parameters of a request are.
#[derive(Clone, Copy)]
pub enum Parameters<'a> {
    /// In a form body.
    Form(&'a [u8]),
    /// In the query of a GET request.
    Query,
    /// In the query of a request with a body of another type, which `bodySHA256` covers.
    Body(&'a [u8]),
}

/// A webhook as it arrived.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// Path and query, exactly as they were received.
    pub target: &'a str,
    /// Where the parameters are.
    pub parameters: Parameters<'a>,
    /// The `X-Twilio-Signature` header, if it occurs exactly once.
    pub signature: Option<&'a str>,
    /// The host names in the request's headers.
    pub hosts: &'a dyn ClaimedHosts,
}

/// The host names in the headers of a request. They never influence the check. They only help to
/// explain a failed check, so they are read only then.
pub trait ClaimedHosts {
    /// The names, as text.
    fn claimed_hosts(&self) -> Vec<String>;
}

impl ClaimedHosts for Vec<String> {
    fn claimed_hosts(&self) -> Vec<String> {
        self.clone()
    }
}

impl<'a> WebhookRequest<'a> {
    pub(crate) const fn source(&self) -> FieldSource<'a> {
        match self.parameters {
            Parameters::Form(_) => FieldSource::Body { target: self.target },
            Parameters::Query | Parameters::Body(_) => FieldSource::Query,
        }
    }

    /// Returns the form-encoded parameters, as they arrived.
    pub(crate) fn raw_parameters(&self) -> &'a [u8] {
        match self.parameters {
            Parameters::Form(body) => body,
            Parameters::Query | Parameters::Body(_) => {
                self.target.split_once('?').map_or(&[][..], |(_path, query)| query.as_bytes())
            }
        }
    }

    pub(crate) fn form(&self) -> Result<Form, FieldError> {
        Ok(Form::parse(self.raw_parameters())?)
    }

    /// Returns the part of the request that the signature covers.
    pub(crate) fn signed<'f>(&self, form: &'f Form) -> SignedRequest<'f>
    where
        'a: 'f,
    {
        let content = match self.parameters {
            Parameters::Form(_) => Content::Form(form),
            Parameters::Query => Content::Query,
            Parameters::Body(body) => Content::Raw(body),
        };
        SignedRequest { target: self.target, content }
    }
}
