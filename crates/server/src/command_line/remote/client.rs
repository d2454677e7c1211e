//! The client of the admin API.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::Randomness as _;
use switchboard_domain::secret::Secret;
use tokio::time::sleep;
use url::Url;

use super::error::RemoteError;
use super::lists::ObjectPage;
use super::resource::Resource;
use crate::ambient::SystemRandomness;
use crate::failure::{Doing as _, Failure};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take. Some requests wait for Twilio.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long the client waits before each repetition of a request.
const WAITS: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// The maximum size of an answer, in bytes. A page has at most 200 entries, and a prompt 256 KiB.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The maximum number of entries of a page.
pub(super) const MAX_PAGE: u32 = 200;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const ORGANIZATION: HeaderName = HeaderName::from_static("switchboard-organization");

/// A client of the admin API of a running server. It has no `Debug`, because it holds a key.
#[derive(Clone)]
pub(in crate::command_line) struct Client {
    http: reqwest::Client,
    server: Url,
    /// `Bearer sbk_…`
    authorization: HeaderValue,
    /// The organization that an operator key selects.
    organization: Option<HeaderValue>,
}

/// A request.
struct Request<'a> {
    method: Method,
    resource: &'a Resource,
    body: Option<String>,
    idempotency_key: Option<String>,
}

/// An answer, completely read.
struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Request<'_> {
    /// Whether the request may be sent again although it is not known whether the server executed it.
    fn is_repeatable(&self) -> bool {
        self.method == Method::GET || self.idempotency_key.is_some()
    }
}

impl Answer {
    /// The object of a successful answer.
    fn object<T: DeserializeOwned>(&self) -> Result<T, RemoteError> {
        self.check()?;
        // The error of the parser can quote a value.
        serde_json::from_slice(&self.body)
            .map_err(|error| RemoteError::Unreadable { line: error.line(), column: error.column() })
    }

    /// Whether the request was successful.
    fn check(&self) -> Result<(), RemoteError> {
        if self.status.is_success() {
            return Ok(());
        }
        let problem = serde_json::from_slice(&self.body);
        let foreign = |_unreadable| RemoteError::Foreign { status: self.status.as_u16() };
        Err(problem.map_or_else(foreign, RemoteError::Refused))
    }

    fn is_json(&self) -> bool {
        serde_json::from_slice::<IgnoredAny>(&self.body).is_ok()
    }

    /// Whether the same request can be answered otherwise within seconds.
    fn is_passing(&self) -> bool {
        matches!(
            self.status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        )
    }
}

impl Client {
    /// A client of the server with this URL. The key is sent to no other server: redirects are not followed.
    pub(super) fn new(server: Url, key: &Secret) -> Result<Self, Failure> {
        // Without a provider the client cannot be built; one that is installed already stays.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT);
        if server.scheme() == "http" {
            // A proxy could read the key.
            http = http.no_proxy();
        }
        let http = http.build().doing("creating the HTTP client")?;
        // The error does not contain the key.
        let authorization = HeaderValue::from_str(&format!("Bearer {}", key.expose()));
        let mut authorization = authorization.doing("reading the key")?;
        authorization.set_sensitive(true);
        Ok(Self { http, server, authorization, organization: None })
    }

    /// The same client, for the objects of one organization. Only an operator key can select another one than its own.
    pub(super) fn of_organization(&self, id: &OrganizationId) -> Result<Self, Failure> {
        let organization =
            HeaderValue::from_str(id.as_str()).doing("selecting the organization")?;
        Ok(Self { organization: Some(organization), ..self.clone() })
    }

    /// Reads an object.
    pub(in crate::command_line) async fn get<T: DeserializeOwned>(
        &self,
        resource: &Resource,
    ) -> Result<T, RemoteError> {
        self.exchange(&Request::of(Method::GET, resource)).await?.object()
    }

    /// Reads an object that may not exist. `missing` is the code of the problem that says so.
    pub(in crate::command_line) async fn find<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        missing: &str,
    ) -> Result<Option<T>, RemoteError> {
        match self.get(resource).await {
            Ok(object) => Ok(Some(object)),
            Err(RemoteError::Refused(problem)) if problem.code == missing => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a page of a list.
    pub(in crate::command_line) async fn page<T: DeserializeOwned>(
        &self,
        list: &Resource,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<ObjectPage<T>, RemoteError> {
        let limit = limit.min(MAX_PAGE).to_string();
        self.get(&list.clone().with("limit", limit).with_given("cursor", cursor)).await
    }

    /// Reads a whole list.
    pub(in crate::command_line) async fn all<T: DeserializeOwned>(
        &self,
        list: &Resource,
    ) -> Result<Vec<T>, RemoteError> {
        self.first(list, u32::MAX).await
    }

    /// Reads the first entries of a list, at most so many.
    pub(in crate::command_line) async fn first<T: DeserializeOwned>(
        &self,
        list: &Resource,
        most: u32,
    ) -> Result<Vec<T>, RemoteError> {
        let (mut entries, mut cursor, mut missing) = (Vec::new(), None::<String>, most);
        while missing > 0 {
            let limit = missing.min(MAX_PAGE);
            let page: ObjectPage<T> = self.page(list, limit, cursor.as_deref()).await?;
            entries.extend(page.data);
            missing -= limit;
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(entries)
    }

    /// Adds an object. The request has an idempotency key of its own, so it is repeated without adding two.
    pub(in crate::command_line) async fn post<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        body: &impl Serialize,
    ) -> Result<T, RemoteError> {
        let mut random = [0; 18];
        SystemRandomness::new().fill(&mut random);
        self.post_once(resource, body, URL_SAFE_NO_PAD.encode(random)).await
    }

    /// Adds an object once, however often a command is run with this idempotency key.
    pub(in crate::command_line) async fn post_once<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        body: &impl Serialize,
        key: String,
    ) -> Result<T, RemoteError> {
        let (body, idempotency_key) = (Some(json(body)), Some(key));
        let request = Request { body, idempotency_key, ..Request::of(Method::POST, resource) };
        self.exchange(&request).await?.object()
    }

    /// Changes an object.
    pub(in crate::command_line) async fn patch<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        body: &impl Serialize,
    ) -> Result<T, RemoteError> {
        let body = Some(json(body));
        let request = Request { body, ..Request::of(Method::PATCH, resource) };
        self.exchange(&request).await?.object()
    }

    /// Puts an object, or a value of one, where this resource is.
    pub(in crate::command_line) async fn put<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        body: &impl Serialize,
    ) -> Result<T, RemoteError> {
        let body = Some(json(body));
        let request = Request { body, ..Request::of(Method::PUT, resource) };
        self.exchange(&request).await?.object()
    }

    /// Removes an object, whatever the answer shows of it.
    pub(in crate::command_line) async fn delete(
        &self,
        resource: &Resource,
    ) -> Result<(), RemoteError> {
        let answer = self.exchange(&Request::of(Method::DELETE, resource)).await?;
        answer.check()?;
        // A page of something else in the place of the server removed nothing.
        if answer.status == StatusCode::NO_CONTENT || answer.is_json() {
            return Ok(());
        }
        Err(RemoteError::Foreign { status: answer.status.as_u16() })
    }

    /// Ends an object that stays in its list, as the answer shows it.
    pub(in crate::command_line) async fn end<T: DeserializeOwned>(
        &self,
        resource: &Resource,
    ) -> Result<T, RemoteError> {
        self.exchange(&Request::of(Method::DELETE, resource)).await?.object()
    }

    /// Sends a request, and again while the server is not there, if the request may be repeated.
    async fn exchange(&self, request: &Request<'_>) -> Result<Answer, RemoteError> {
        let mut waits = WAITS.iter().filter(|_| request.is_repeatable());
        loop {
            let answer = self.send(request).await;
            let is_passing = match &answer {
                Ok(answer) => answer.is_passing(),
                Err(RemoteError::Unreachable { .. }) => true,
                Err(_) => false,
            };
            match waits.next() {
                Some(wait) if is_passing => sleep(*wait).await,
                _ => return answer,
            }
        }
    }

    async fn send(&self, request: &Request<'_>) -> Result<Answer, RemoteError> {
        let url = request.resource.url(&self.server);
        let mut sent = self.http.request(request.method.clone(), url);
        sent = sent.header(AUTHORIZATION, self.authorization.clone());
        if let Some(organization) = &self.organization {
            sent = sent.header(ORGANIZATION, organization.clone());
        }
        if let Some(key) = &request.idempotency_key {
            sent = sent.header(IDEMPOTENCY_KEY, key.as_str());
        }
        if let Some(body) = &request.body {
            sent = sent.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let mut response = sent.send().await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(RemoteError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: response.status(), body })
    }
}

impl<'a> Request<'a> {
    const fn of(method: Method, resource: &'a Resource) -> Self {
        Self { method, resource, body: None, idempotency_key: None }
    }
}

fn json(body: &impl Serialize) -> String {
    // Maps and texts always have a JSON form.
    serde_json::to_string(body).unwrap_or_default()
}

fn unreachable(error: reqwest::Error) -> RemoteError {
    // The URL contains phone numbers.
    RemoteError::Unreachable { source: error.without_url() }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::Value;

    use super::{Answer, RemoteError};

    fn read(status: StatusCode, body: &str) -> Result<Value, RemoteError> {
        Answer { status, body: body.as_bytes().to_vec() }.object()
    }

    #[test]
    fn only_a_problem_is_an_answer_of_the_api_that_refuses() {
        let problem = r#"{"code":"agent_not_found","detail":"The agent does not exist."}"#;
        let error = read(StatusCode::NOT_FOUND, problem).unwrap_err();
        assert!(
            matches!(error, RemoteError::Refused(problem) if problem.code == "agent_not_found")
        );
        for body in ["<html>not found</html>", "{}", ""] {
            let error = read(StatusCode::NOT_FOUND, body).unwrap_err();
            assert!(matches!(error, RemoteError::Foreign { status: 404 }), "{body}: {error}");
        }
        assert!(matches!(read(StatusCode::FOUND, ""), Err(RemoteError::Foreign { status: 302 })));
    }

    #[test]
    fn the_error_of_an_unreadable_answer_shows_nothing_of_it() {
        let error = read(StatusCode::OK, "{\"secret\": s3cret}").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("cret"), "{error:?}");
    }
}
