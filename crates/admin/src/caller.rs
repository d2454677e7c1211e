//! The caller of a request: what its key lets it read and change.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use switchboard_application_management::Presented;
use switchboard_domain::api_key::{Authorized, KeyLimits, KeyScope};
use switchboard_domain::audit::{Actor, Author};
use switchboard_domain::identifier::{ApiKeyId, OrganizationId};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::time::Timestamp;

use crate::problem::{Problem, ProblemCode};
use crate::repeatable::Repeatable;
use crate::state::AdminState;

/// By which an operator key selects an organization.
pub(crate) const ORGANIZATION: HeaderName = HeaderName::from_static("switchboard-organization");

/// What a route needs.
pub(crate) trait Needs: 'static {
    /// The scope that the key must have.
    const SCOPE: KeyScope;
}

/// A route that reads.
pub(crate) enum Read {}

impl Needs for Read {
    const SCOPE: KeyScope = KeyScope::Read;
}

/// A route that sends messages, or attempts deliveries again.
pub(crate) enum Route {}

impl Needs for Route {
    const SCOPE: KeyScope = KeyScope::Route;
}

/// A route that changes accounts, agents, numbers, routing plans, calendars, lists or subscriptions.
pub(crate) enum Configure {}

impl Needs for Configure {
    const SCOPE: KeyScope = KeyScope::Configure;
}

/// A route that changes keys.
pub(crate) enum Admin {}

impl Needs for Admin {
    const SCOPE: KeyScope = KeyScope::Admin;
}

/// The key that was accepted, as a request extension for the log.
pub(crate) struct AcceptedKey(pub(crate) ApiKeyId);

/// A caller whose key has the scope that the route needs. Handlers get no other access to the scope of a request, so none can
/// read or change objects without it.
pub(crate) struct Caller<N: Needs> {
    /// What the caller may read and change.
    pub(crate) scope: Scope,
    /// Whether the key is an operator key, whatever organization it selects.
    pub(crate) is_operator: bool,
    /// What the keys that it adds may do at most.
    pub(crate) limits: KeyLimits,
    key: ApiKeyId,
    source: Option<IpAddr>,
    at: Timestamp,
    request: HttpRequest,
    needs: PhantomData<N>,
}

impl<N: Needs> Caller<N> {
    /// The caller as the author of changes.
    pub(crate) fn author(&self) -> Author {
        let key = self.key.clone();
        let actor = if self.is_operator { Actor::OperatorKey(key) } else { Actor::ApiKey(key) };
        Author::new(self.scope.clone(), actor, self.source, self.at)
    }

    /// The organization of what the caller adds: that of its key, or the one that an operator key selects, or else the
    /// default one.
    pub(crate) fn organization(&self) -> OrganizationId {
        match &self.scope {
            Scope::Organization(id) => id.clone(),
            Scope::Operator => default_organization(),
        }
    }

    /// The id of the key, for objects that store who saved them.
    pub(crate) const fn key(&self) -> &ApiKeyId {
        &self.key
    }

    /// The parameters of the query. Unknown and repeated ones are refused.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let query = Query::<T>::from_query(self.request.query_string());
        let query = query.map_err(|error| {
            Problem::new(ProblemCode::QueryInvalid, format!("The query is not valid: {error}."))
        })?;
        Ok(query.into_inner())
    }

    /// A header that may be given once.
    pub(crate) fn header(&self, name: &HeaderName) -> Result<Option<&str>, ()> {
        let mut values = self.request.headers().get_all(name);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(());
        }
        value.to_str().map(Some).map_err(drop)
    }

    /// A header that may be given several times.
    pub(crate) fn headers(&self, name: &HeaderName) -> impl Iterator<Item = &HeaderValue> {
        self.request.headers().get_all(name)
    }

    /// The parameter of the path, decoded; `None` if it is not UTF-8.
    pub(crate) async fn path(&self) -> Option<String> {
        // The framework replaces bytes that are not UTF-8, so that another name would be meant.
        percent_decode_str(self.request.uri().path()).decode_utf8().ok()?;
        Path::<String>::extract(&self.request).await.ok().map(Path::into_inner)
    }
}

impl<N: Needs> FromRequest for Caller<N> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(state) = request.app_data::<Data<AdminState>>().cloned() else {
                return Err(Problem::of(ProblemCode::Internal));
            };
            let authorized = authorize(&request, &state, N::SCOPE).await?;
            let source = state.client(request.peer_addr(), request.headers());
            let at = state.keys.clock.now();
            state.key_use.note(&authorized.key, at);
            request.extensions_mut().insert(AcceptedKey(authorized.key.clone()));
            let repeatable = request.extensions().get::<Rc<Repeatable>>().cloned();
            if let Some(repeatable) = repeatable {
                // What only reads may be executed again.
                if N::SCOPE == KeyScope::Read {
                    repeatable.check_body()?;
                } else {
                    repeatable.begin(&authorized.key, &state.repeatable).await?;
                }
            }
            Ok(Self {
                scope: authorized.scope,
                is_operator: authorized.is_operator,
                limits: authorized.limits,
                key: authorized.key,
                source,
                at,
                request: request.clone(),
                needs: PhantomData,
            })
        })
    }
}

async fn authorize(
    request: &HttpRequest,
    state: &AdminState,
    needs: KeyScope,
) -> Result<Authorized, Problem> {
    let selected = selected(request)?;
    let key = bearer(request).ok_or_else(|| Problem::of(ProblemCode::KeyMissing))?;
    let source = state.client(request.peer_addr(), request.headers());
    let presented = Presented { key, selected: selected.as_ref(), source, needs };
    Ok(state.keys.authorize(presented).await?)
}

/// Refuses a request without an accepted key, before its handler decides about the scope.
pub(crate) async fn authenticate(request: &HttpRequest, state: &AdminState) -> Result<(), Problem> {
    match authorize(request, state, KeyScope::Read).await {
        Err(problem) if problem.code() != ProblemCode::KeyScope => Err(problem),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        // A proxy may have checked the other one.
        return None;
    }
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// The organization that the request selects.
fn selected(request: &HttpRequest) -> Result<Option<OrganizationId>, Problem> {
    let invalid = || Problem::of(ProblemCode::OrganizationInvalid);
    let mut values = request.headers().get_all(&ORGANIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid());
    }
    let id = value.to_str().ok().and_then(|text| OrganizationId::parse(text).ok());
    id.ok_or_else(invalid).map(Some)
}
