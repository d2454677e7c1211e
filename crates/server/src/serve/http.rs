//! The two HTTP servers: the public one, which Twilio and voice servers call, and the admin one, which serves the admin
//! API and metrics.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle, Service};
use actix_web::http::ConnectionType;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Resource, web};
use metrics_exporter_prometheus::PrometheusHandle;
use switchboard_admin::AdminState;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::StoreProbe;
use switchboard_webhook::AppState;

use super::chunked::{Held, Holding};
use super::connection::{ConnectionAge, OpenConnections};
use super::listener::Bound;

/// How long a client may take to send its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// How long an idle connection stays open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long the store may take to answer a probe.
const PROBE_WITHIN: Duration = Duration::from_secs(2);
/// How often the store is probed.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// The maximum number of connections of the public server. The server reads up to 128 KiB of each
/// before it can refuse a body.
const MAX_CONNECTIONS: usize = 768;
/// How long a connection stays open after the response to a request whose body was not read. Until
/// it closes, the server keeps up to 128 KiB that it has read from this connection, so a flood of
/// large requests would fill the memory.
const LINGER: Duration = Duration::ZERO;
/// The maximum number of connections of the admin server.
const MAX_ADMIN_CONNECTIONS: usize = 256;
/// How long requests of the admin server may take to finish during a shutdown.
const ADMIN_DRAIN: Duration = Duration::from_secs(1);

/// The state of health checks and metrics.
pub(crate) struct Operations {
    /// Whether the store answered the last probe.
    pub(crate) store_answers: AtomicBool,
    pub(crate) metrics: PrometheusHandle,
    /// Whether the server is shutting down.
    pub(crate) shutting_down: AtomicBool,
}

/// Starts the public server. Returns it with its addresses and a second handle of its socket.
pub(super) fn listen(
    Bound { listener, handle }: Bound,
    state: &Arc<AppState>,
    operations: &Arc<Operations>,
    drain: Duration,
) -> std::io::Result<(Server, Vec<SocketAddr>, TcpListener)> {
    let (state, operations) = (Arc::clone(state), Arc::clone(operations));
    let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let open = OpenConnections::new(MAX_CONNECTIONS);
    let server = HttpServer::new(move || {
        let state = Arc::clone(&state);
        App::new()
            .wrap_fn(|mut request, service| {
                let held = Held::of(&mut request);
                let answering = service.call(request);
                async move {
                    let mut response = answering.await?;
                    let age = response.request().conn_data::<ConnectionAge>();
                    if age.is_some_and(ConnectionAge::ends_with_response) {
                        response
                            .response_mut()
                            .head_mut()
                            .set_connection_type(ConnectionType::Close);
                    }
                    Ok(match held {
                        Some(held) => response.map_body(|_head, body| Holding::of(body, held)),
                        None => response,
                    })
                }
            })
            .app_data(web::Data::from(Arc::clone(&operations)))
            .configure(move |config| switchboard_webhook::configure(config, state))
            .configure(health_checks)
            .default_service(web::to(async || HttpResponse::NotFound().finish()))
    })
    .on_connect(move |_connection, data| {
        data.insert(open.opened());
    })
    .workers(workers.get())
    .client_request_timeout(HEADERS_WITHIN)
    .client_disconnect_timeout(LINGER)
    .keep_alive(KEEP_ALIVE)
    .max_connections(MAX_CONNECTIONS.div_ceil(workers.get()))
    .tcp_nodelay(true)
    .disable_signals()
    .shutdown_timeout(drain.as_secs())
    .listen(listener)?;
    let bound = server.addrs();
    Ok((server.run(), bound, handle))
}

/// Starts the admin server on its own thread, so that a flood of requests to the public server does
/// not delay it.
pub(super) fn listen_admin(
    Bound { listener, handle }: Bound,
    operations: &Arc<Operations>,
    api: &Arc<AdminState>,
) -> std::io::Result<AdminListener> {
    let (operations, api) = (Arc::clone(operations), Arc::clone(api));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&operations)))
            .app_data(web::Data::from(Arc::clone(&api)))
            .configure(health_checks)
            .service(
                readable("/metrics")
                    .route(web::get().to(render_metrics))
                    .route(web::head().to(render_metrics)),
            )
            .configure(|config| switchboard_admin::configure(config, Arc::clone(&api)))
            .default_service(web::to(async || HttpResponse::NotFound().finish()))
    })
    .workers(1)
    .client_request_timeout(HEADERS_WITHIN)
    .keep_alive(KEEP_ALIVE)
    .max_connections(MAX_ADMIN_CONNECTIONS)
    .disable_signals()
    .shutdown_timeout(ADMIN_DRAIN.as_secs())
    .listen(listener)?;
    let address = handle.local_addr()?;
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(error = %Causes(&error), "admin server failed");
        }
    });
    Ok(AdminListener { address, handle })
}

/// The running admin server.
pub(super) struct AdminListener {
    /// The address on which it listens.
    pub(super) address: SocketAddr,
    /// Stops it.
    pub(super) handle: ServerHandle,
}

/// Adds the health checks, which both servers answer.
fn health_checks(config: &mut web::ServiceConfig) {
    config
        .service(readable("/healthz").route(web::get().to(healthz)).route(web::head().to(healthz)))
        .service(readable("/readyz").route(web::get().to(readyz)).route(web::head().to(readyz)));
}

/// A path that answers methods other than GET and HEAD with 405 and without a body.
fn readable(path: &str) -> Resource {
    web::resource(path).default_service(web::to(async || {
        HttpResponse::MethodNotAllowed()
            .insert_header((ALLOW, HeaderValue::from_static("GET, HEAD")))
            .finish()
    }))
}

/// Reports that the process is alive.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Reports whether the process accepts requests. An unavailable store is reported, but the process
/// stays ready: known numbers are answered without the store, and a load balancer that removed
/// every replica would leave none to answer.
async fn readyz(operations: web::Data<Operations>) -> HttpResponse {
    if operations.shutting_down.load(Ordering::Acquire) {
        HttpResponse::ServiceUnavailable().body("shutting down\n")
    } else if operations.store_answers.load(Ordering::Acquire) {
        HttpResponse::Ok().body("ready\n")
    } else {
        HttpResponse::Ok().body("ready, store unavailable\n")
    }
}

/// Probes the store every second. Requests to `/readyz`, which anyone can send, therefore do not
/// reach the store.
pub(crate) async fn watch_store(operations: Arc<Operations>, probe: Arc<dyn StoreProbe>) {
    loop {
        let answer = tokio::time::timeout(PROBE_WITHIN, probe.time()).await;
        operations.store_answers.store(matches!(answer, Ok(Ok(_))), Ordering::Release);
        tokio::time::sleep(PROBE_EVERY).await;
    }
}

async fn render_metrics(
    request: HttpRequest,
    operations: web::Data<Operations>,
    api: web::Data<AdminState>,
) -> HttpResponse {
    if !api.accepts(request.peer_addr(), request.headers()) {
        return HttpResponse::Forbidden().finish();
    }
    HttpResponse::Ok()
        .insert_header((
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
        ))
        .body(operations.metrics.render())
}
