//! The codes and exit codes of errors of the API, and what to do about them.

use switchboard_domain::configuration::DriftReason;
use switchboard_domain::ports::Retry;

use super::codes::Coded;
use super::management::TRY_AGAIN;
use super::reasons::{ADD_AGENT, ADD_CALENDAR, ADD_LIST, CORRECT_HOURS, drift};
use crate::command_line::remote::RemoteError;
use crate::error_report::Exit;

/// The server does not answer, or cannot answer now.
const UNAVAILABLE: (&str, Exit) = ("server_unavailable", Exit::Later);
/// What answers is not the API of this version.
const UNREADABLE: (&str, Exit) = ("server_unreadable", Exit::Failed);

/// The codes of problems that are the codes of this program, too, by the exit code.
const SAME: &[(Exit, &[&str])] = &[
    (
        Exit::NotFound,
        &[
            "organization_not_found",
            "account_not_found",
            "agent_not_found",
            "number_not_found",
            "plan_not_found",
            "plan_version_not_found",
            "calendar_not_found",
            "list_not_found",
            "call_not_found",
            "message_not_found",
            "conversation_not_found",
            "delivery_not_found",
            "subscription_not_found",
            "api_key_not_found",
            "sender_not_found",
            "job_not_found",
        ],
    ),
    (
        Exit::Refused,
        &[
            "key_missing",
            "key_unknown",
            "key_revoked",
            "key_expired",
            "key_network",
            "key_scope",
            "organization_foreign",
            "organization_in_use",
            "operator_key_required",
            "source_refused",
            "genuine_traffic",
            "host_refused",
            "origin_refused",
            "idempotency_key_used",
            "idempotency_answer_missing",
            "account_exists",
            "account_in_use",
            "token_wrong",
            "connect_not_configured",
            "job_ended",
            "job_limit_reached",
            "agent_in_use",
            "external_id_taken",
            "number_exists",
            "number_configured",
            "plan_unreadable",
            "plan_name_taken",
            "plan_in_use",
            "calendar_in_use",
            "list_in_use",
            "other_organization",
            "channel_unsupported",
            "number_moved",
            "number_not_at_twilio",
            "configuration_changed",
            "public_url_refused",
            "twilio_unauthorized",
            "twilio_account_inactive",
            "twilio_not_found",
            "twilio_refused",
            "delivery_not_dead",
            "delivery_uncertain",
            "subscription_limit_reached",
            "contact_unreachable",
            "channels_differ",
            "opted_out",
        ],
    ),
    (
        Exit::Later,
        &[
            "too_many_attempts",
            "precondition_failed",
            "idempotency_key_running",
            "account_changed",
            "agent_changed",
            "number_changed",
            "subscription_changed",
            "twilio_busy",
            "twilio_unavailable",
        ],
    ),
    (Exit::Failed, &["twilio_unreadable"]),
];

/// The codes of problems that have another code here.
const OTHERS: &[(&str, (&str, Exit))] = &[
    ("plan_changed", ("plan_version_conflict", Exit::Refused)),
    ("organization_invalid", ("invalid_value", Exit::Usage)),
    ("query_invalid", ("invalid_value", Exit::Usage)),
    ("body_invalid", ("invalid_value", Exit::Usage)),
    ("cursor_invalid", ("invalid_value", Exit::Usage)),
    ("path_not_found", UNREADABLE),
    ("method_not_allowed", UNREADABLE),
    ("content_type_unsupported", UNREADABLE),
    ("body_too_large", UNREADABLE),
    ("body_unreadable", UNREADABLE),
    ("if_match_invalid", UNREADABLE),
    ("idempotency_key_invalid", UNREADABLE),
    ("unavailable", UNAVAILABLE),
    ("internal", ("server_failed", Exit::Failed)),
];

/// The code and the exit code of a problem; `None` for a problem of a later version.
fn of_problem(code: &str) -> Coded {
    let same = SAME.iter().find_map(|(exit, codes)| {
        codes.iter().find(|same| **same == code).map(|same| (*same, *exit))
    });
    same.or_else(|| OTHERS.iter().find(|(other, _)| *other == code).map(|(_, coded)| *coded))
}

/// The code and the remedy of a mistake in a routing plan, by the word of the API for its kind; `None` for another word.
pub(in crate::command_line) fn plan_mistake(
    word: &str,
) -> Option<(&'static str, Option<&'static str>)> {
    Some(match word {
        "invalid" => ("value_invalid", None),
        "too_many" => ("too_many", None),
        "agent_unknown" => ("agent_not_found", Some(ADD_AGENT.command)),
        "agent_ambiguous" => ("agent_ambiguous", None),
        "agent_repeated" => ("agent_repeated", None),
        "calendar_unknown" => ("calendar_not_found", Some(ADD_CALENDAR.command)),
        "list_unknown" => ("list_not_found", Some(ADD_LIST.command)),
        "hours_unreadable" => ("hours_unreadable", Some(CORRECT_HOURS.command)),
        "no_zone" => ("time_zone_missing", None),
        "no_weight" => ("weight_missing", None),
        "nothing_to_do" => ("destination_missing", None),
        "contradiction" => ("never_matches", None),
        "unreachable" | "after_the_end" => ("never_reached", None),
        "overlap" => ("windows_overlap", None),
        "nothing_to_choose" => ("too_few_agents", None),
        _ => return None,
    })
}

/// The code and the exit code of an error.
pub(super) fn coded(error: &RemoteError) -> Coded {
    match error {
        RemoteError::Unreachable { .. } => Some(UNAVAILABLE),
        RemoteError::Refused(problem) => of_problem(&problem.code),
        RemoteError::Foreign { .. } | RemoteError::Unreadable { .. } | RemoteError::TooLarge => {
            Some(UNREADABLE)
        }
    }
}

/// Whether the same command can succeed later.
pub(super) fn retry(error: &RemoteError) -> Retry {
    match coded(error) {
        Some((_, Exit::Later)) => Retry::Later,
        _ => Retry::Never,
    }
}

/// What to do about an error.
pub(super) fn remedy(error: &RemoteError) -> Option<String> {
    let remedy = match error {
        RemoteError::Unreachable { .. } => {
            "check --url (SWITCHBOARD_URL), and that `switchboard serve` runs there and serves its admin listener"
        }
        RemoteError::Foreign { .. } => {
            "check that --url (SWITCHBOARD_URL) is the URL of the admin listener, without /api"
        }
        RemoteError::Unreadable { .. } | RemoteError::TooLarge => {
            "use this program in the version of the server"
        }
        RemoteError::Refused(problem) => return of_code(&problem.code).map(str::to_owned),
    };
    Some(remedy.to_owned())
}

fn of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "key_missing" | "key_unknown" | "key_revoked" | "key_expired" => {
            "check the file of --key (SWITCHBOARD_KEY_FILE); `switchboard key add` on the machine of the server adds a key"
        }
        "key_scope" => {
            "use a key with the scope that the command needs: read, route, configure or admin"
        }
        "key_network" | "source_refused" => {
            "run the command from an address that the server accepts"
        }
        "operator_key_required" => "use an operator key, which belongs to no organization",
        "organization_foreign" => "leave --organization out, or use an operator key",
        "host_refused" => "use the host of SWITCHBOARD_ADMIN_URL of the server in --url",
        "too_many_attempts" => "correct the key, and wait some seconds",
        "path_not_found" | "method_not_allowed" => "use this program in the version of the server",
        "unavailable" => "check the database of the server, and run the command again",
        "internal" => "see the log of the server",
        "account_changed"
        | "agent_changed"
        | "number_changed"
        | "subscription_changed"
        | "precondition_failed" => TRY_AGAIN,
        "channel_unsupported" => "assign it without that channel, with --channels",
        "number_moved" => drift(DriftReason::MovedAccount),
        "number_not_at_twilio" => drift(DriftReason::NotFound),
        "plan_changed" => "compare with `switchboard route plan show`, then save again",
        "plan_in_use" => "detach it with `switchboard route detach`",
        "calendar_in_use" | "list_in_use" => {
            "save a version without it first, with `switchboard route plan save --plan`"
        }
        "configuration_changed" => "overwrite the changes with --force, or revert them there",
        "twilio_unauthorized" => {
            "store the account's auth token with `switchboard account set ACCOUNT --token-file FILE`"
        }
        "twilio_account_inactive" => "reactivate the account at Twilio",
        "twilio_busy" | "twilio_unavailable" => "try again later",
        "twilio_unreadable" => {
            "check TWILIO_API_URL of the server, and whether a proxy answers in Twilio's place"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{OTHERS, SAME};

    #[test]
    fn every_problem_of_the_api_has_one_code_and_exit_code() {
        let same = SAME.iter().flat_map(|(_, codes)| codes.iter().copied());
        let listed: Vec<_> = same.chain(OTHERS.iter().map(|(code, _)| *code)).collect();
        let different: BTreeSet<_> = listed.iter().copied().collect();
        assert_eq!(different.len(), listed.len());
        let problems: BTreeSet<_> =
            switchboard_admin::problem_codes().map(|(code, _)| code).collect();
        assert_eq!(different, problems);
    }
}
