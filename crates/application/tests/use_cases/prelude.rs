//! What most tests of the use cases import: types of the domain, and the fixtures.

pub(crate) use futures_util::future::join_all;
pub(crate) use std::{
    sync::atomic::Ordering,
    sync::{Arc, Mutex},
    time::Duration,
};
pub(crate) use switchboard_application::{
    AccountCache, AgentCache, CacheInvalidator, CallAnswer, Deadlines, OpenSession, PlanSources,
    RecorderLimits, SessionRefused, StatusRecorded, WebhookError,
};
pub(crate) use switchboard_domain::{
    agent::{Agent, AgentState, Label, MessageTarget, Prompt, VoiceTarget},
    authentication::{Validation, VerifiedBy},
    call::{AttemptDestination, CallRecord, RuleRef},
    form::Form,
    identifier::{AgentId, PlanId},
    message::{Direction, InboundMessage},
    number::{Assignment, Channels},
    organization::default_organization,
    plan::CallerFacts,
    ports::{AgentLimits, DecisionService, Insertion, Page, PlanPlace, SavedPlan, Store},
    rejection::{Endpoint, Refusal},
    routing::Reason,
    sealing::{EncryptionKey, KeyId, Keyring, Sealed},
    session::SessionClaims,
    sid::CallSid,
    signature::{Content, PublicUrl, SignedRequest, sign},
    status::MessageStatus,
    time::Timestamp,
    twiml::Twiml,
    web_address::{StreamUrl, WebUrl},
};
pub(crate) use switchboard_plan_document::PlanDocuments;
pub(crate) use switchboard_store_memory::{Fault, MemoryStore, operator};
pub(crate) use tokio::time::Instant;

pub(crate) use crate::{
    fixture::{
        AppOptions, NOW, NUMBER, TestAccount, TestApp, account, agent, assert_unavailable,
        assert_unreadable, keyring, label, phone, public_url, refusal, reply, row, sender, stream,
        subaccount,
    },
    requests::{
        CALL, CALLER, CONNECTED, Fields, HANDLER, MESSAGE, Request, STATUS, TEXT, VOICE, call,
        encoded, fields, message, with, without,
    },
};
