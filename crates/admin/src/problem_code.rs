//! The stable codes of problems.

use actix_web::http::StatusCode;
use switchboard_domain::string_enum;

/// Declares the codes: each with its status, and what it means in general.
macro_rules! problem_codes {
    ($($Name:ident = $code:literal, $status:ident, $title:literal;)+) => {
        string_enum! {
            /// The stable codes of problems.
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub(crate) enum ProblemCode {
                $($Name = $code,)+
            }
        }

        impl ProblemCode {
            /// The status, and what the code means in general.
            pub(crate) const fn meaning(self) -> (StatusCode, &'static str) {
                match self {
                    $(Self::$Name => (StatusCode::$status, $title),)+
                }
            }
        }
    };
}

problem_codes! {
    KeyMissing = "key_missing", UNAUTHORIZED, "The request has no API key";
    KeyUnknown = "key_unknown", UNAUTHORIZED, "The API key is unknown";
    KeyRevoked = "key_revoked", UNAUTHORIZED, "The API key was revoked";
    KeyExpired = "key_expired", UNAUTHORIZED, "The API key has expired";
    KeyNetwork = "key_network", FORBIDDEN, "The API key is not accepted from this address";
    KeyScope = "key_scope", FORBIDDEN, "The API key does not have the scope";
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Too many wrong API keys came from this address";
    OrganizationForeign = "organization_foreign", FORBIDDEN, "The API key belongs to another organization";
    OrganizationInvalid = "organization_invalid", BAD_REQUEST, "The header does not name an organization";
    OrganizationNotFound = "organization_not_found", NOT_FOUND, "The organization does not exist";
    OrganizationInUse = "organization_in_use", CONFLICT, "The organization is not empty";
    OperatorKeyRequired = "operator_key_required", FORBIDDEN, "Only an operator key can do this";
    SourceRefused = "source_refused", FORBIDDEN, "Requests from this network are not accepted";
    GenuineTraffic = "genuine_traffic", CONFLICT, "Requests that Twilio sent would be refused";
    HostRefused = "host_refused", FORBIDDEN, "The API is not served under this host";
    OriginRefused = "origin_refused", FORBIDDEN, "Pages of another origin cannot use the API";
    PathNotFound = "path_not_found", NOT_FOUND, "The path does not exist";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The path does not have the method";
    QueryInvalid = "query_invalid", BAD_REQUEST, "A parameter of the query is not valid";
    ContentTypeUnsupported = "content_type_unsupported", UNSUPPORTED_MEDIA_TYPE, "The body must be application/json";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body has more than 1 MiB";
    BodyUnreadable = "body_unreadable", BAD_REQUEST, "The body cannot be read";
    BodyInvalid = "body_invalid", UNPROCESSABLE_ENTITY, "A field of the body is not valid";
    IfMatchInvalid = "if_match_invalid", BAD_REQUEST, "The header If-Match or If-None-Match is not valid";
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "The object is not as If-Match or If-None-Match says";
    IdempotencyKeyInvalid = "idempotency_key_invalid", BAD_REQUEST, "The header Idempotency-Key is not valid";
    IdempotencyKeyUsed = "idempotency_key_used", UNPROCESSABLE_ENTITY, "The idempotency key was used for another request";
    IdempotencyKeyRunning = "idempotency_key_running", CONFLICT, "The first request with the idempotency key is not finished";
    IdempotencyAnswerMissing = "idempotency_answer_missing", CONFLICT, "The request was executed, and its answer is not available";
    CursorInvalid = "cursor_invalid", BAD_REQUEST, "The cursor is not valid";
    AccountNotFound = "account_not_found", NOT_FOUND, "The account does not exist";
    AccountExists = "account_exists", CONFLICT, "The account exists already";
    AccountInUse = "account_in_use", CONFLICT, "The account still owns numbers";
    AccountChanged = "account_changed", CONFLICT, "Others change the account at the same time";
    TokenWrong = "token_wrong", UNPROCESSABLE_ENTITY, "Twilio does not accept the token or the API key";
    ConnectNotConfigured = "connect_not_configured", CONFLICT, "Twilio Connect is not configured";
    JobNotFound = "job_not_found", NOT_FOUND, "The job does not exist";
    JobEnded = "job_ended", CONFLICT, "The job has ended";
    JobLimitReached = "job_limit_reached", CONFLICT, "The organization has too many jobs that have not ended";
    AgentNotFound = "agent_not_found", NOT_FOUND, "The agent does not exist";
    AgentInUse = "agent_in_use", CONFLICT, "The agent answers numbers, or a routing plan names it";
    AgentChanged = "agent_changed", CONFLICT, "Others change the agent at the same time";
    ExternalIdTaken = "external_id_taken", CONFLICT, "Another agent has the external id";
    NumberNotFound = "number_not_found", NOT_FOUND, "The number does not exist";
    NumberExists = "number_exists", CONFLICT, "The number exists already";
    NumberChanged = "number_changed", CONFLICT, "Others change the number at the same time";
    NumberConfigured = "number_configured", CONFLICT, "The number is still configured for this server at Twilio";
    PlanNotFound = "plan_not_found", NOT_FOUND, "The routing plan does not exist";
    PlanVersionNotFound = "plan_version_not_found", NOT_FOUND, "The routing plan does not have the version";
    PlanUnreadable = "plan_unreadable", CONFLICT, "The stored routing plan cannot be used";
    PlanNameTaken = "plan_name_taken", CONFLICT, "Another routing plan has the name";
    PlanInUse = "plan_in_use", CONFLICT, "The routing plan is still attached";
    PlanChanged = "plan_changed", CONFLICT, "Others change the routing plan at the same time";
    CalendarNotFound = "calendar_not_found", NOT_FOUND, "The calendar does not exist";
    CalendarInUse = "calendar_in_use", CONFLICT, "A routing plan or the hours of an agent name the calendar";
    ListNotFound = "list_not_found", NOT_FOUND, "The list does not exist";
    ListInUse = "list_in_use", CONFLICT, "A routing plan names the list";
    OtherOrganization = "other_organization", CONFLICT, "The objects belong to different organizations";
    ChannelUnsupported = "channel_unsupported", CONFLICT, "The number does not have the channel at Twilio";
    NumberMoved = "number_moved", CONFLICT, "Another account owns the number at Twilio";
    NumberNotAtTwilio = "number_not_at_twilio", CONFLICT, "The account does not own the number at Twilio";
    ConfigurationChanged = "configuration_changed", CONFLICT, "Somebody else changed the number at Twilio";
    PublicUrlRefused = "public_url_refused", CONFLICT, "The URL of this server cannot be written to Twilio";
    TwilioUnauthorized = "twilio_unauthorized", CONFLICT, "Twilio refused the credentials of the account";
    TwilioAccountInactive = "twilio_account_inactive", CONFLICT, "The account is not active at Twilio";
    TwilioNotFound = "twilio_not_found", CONFLICT, "Twilio does not find the resource";
    TwilioRefused = "twilio_refused", CONFLICT, "Twilio refused the request";
    TwilioBusy = "twilio_busy", BAD_GATEWAY, "Twilio has too many requests now";
    TwilioUnavailable = "twilio_unavailable", BAD_GATEWAY, "Twilio cannot be reached";
    TwilioUnreadable = "twilio_unreadable", BAD_GATEWAY, "The answer did not come from Twilio's API";
    CallNotFound = "call_not_found", NOT_FOUND, "The call is not recorded";
    MessageNotFound = "message_not_found", NOT_FOUND, "The message is not recorded";
    ConversationNotFound = "conversation_not_found", NOT_FOUND, "The conversation does not exist";
    DeliveryNotFound = "delivery_not_found", NOT_FOUND, "The delivery does not exist";
    DeliveryNotDead = "delivery_not_dead", CONFLICT, "Only a dead delivery can be replayed";
    DeliveryUncertain = "delivery_uncertain", CONFLICT, "The contact may already have the message";
    SubscriptionNotFound = "subscription_not_found", NOT_FOUND, "The subscription does not exist";
    SubscriptionLimitReached = "subscription_limit_reached", CONFLICT, "The organization has the maximum number of subscriptions";
    SubscriptionChanged = "subscription_changed", CONFLICT, "Others change the subscription at the same time";
    ApiKeyNotFound = "api_key_not_found", NOT_FOUND, "The API key does not exist";
    SenderNotFound = "sender_not_found", UNPROCESSABLE_ENTITY, "The sender is not one of the numbers";
    ContactUnreachable = "contact_unreachable", UNPROCESSABLE_ENTITY, "The contact cannot get messages";
    ChannelsDiffer = "channels_differ", UNPROCESSABLE_ENTITY, "The sender and the contact are on different channels";
    OptedOut = "opted_out", CONFLICT, "The contact has opted out of messages from the sender";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The request cannot be answered now";
    Internal = "internal", INTERNAL_SERVER_ERROR, "The request failed";
}
