//! The domain types that the laws use.

pub(crate) use std::{collections::BTreeMap, ops::Deref, sync::Arc};
pub(crate) use switchboard_contract_macros::laws;
pub(crate) use switchboard_domain::{
    account::{Account, SealedApiKey, SealedTokens},
    address::Address,
    agent::{Agent, AgentState, Label, Profile, Prompt},
    audit::{Actor, Author},
    authentication::VerifiedBy,
    call::{
        AttemptDestination, AttemptRecord, CallDecision, CallDirection, CallRecord, Disconnection,
        RuleRef,
    },
    carrier::{
        AccountStatus, ApiKey, CarrierAccess, CarrierAccount, CarrierApplication, CarrierNumber,
        CarrierSender, InboundWebhook, MediaFile, MessagingService, Region,
    },
    configuration::{AdoptedConfiguration, Configuration, Field, Part},
    identifier::{AgentId, OrganizationId, PlanId},
    message::{Body, InboundMessage, ReceivedMessage},
    number::{Assignment, Channels, Number},
    organization::Scope,
    phone_number::PhoneNumber,
    plan::{CallerFacts, DateRange},
    ports::carrier::Carrier,
    ports::{
        Acquisition, AgentLimits, Change, ChangeVersion, Entity, Expected, Import, ImportedNumber,
        LeaseHolder, LeaseName, NumberFilter, Observation, Page, PlanPlace, SavedConfiguration,
        SavedPlan, Store, StoreError,
    },
    rejection::{Endpoint, Refusal, Rejection},
    routing::Reason,
    sealing::Sealed,
    secret::Secret,
    sender::Sender,
    sid::{
        AccountSid, ApiKeySid, CallSid, MediaSid, MessageSid, NumberSid, RecordSid, SenderSid,
        ServiceSid,
    },
    status::{CallProgress, CallStatus, MessageProgress, MessageStatus},
    time::Timestamp,
    web_address::WebUrl,
};
pub(crate) use tokio::task::JoinHandle;
