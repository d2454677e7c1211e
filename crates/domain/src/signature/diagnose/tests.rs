use super::{Hints, MAX_ATTEMPTS, diagnose};
use crate::form::Form;
use crate::secret::Secret;
use crate::signature::matching::Matcher;
use crate::signature::url_variants::Target;
use crate::signature::{
    Content, NearMiss, PublicUrl, Signature, SignedRequest, SigningKey, sign_url, verify,
    with_body_hash,
};

fn key(token: &str) -> SigningKey {
    SigningKey::new(&Secret::new(token.to_owned())).unwrap()
}

/// The diagnosis if Twilio calls `called` and `target` arrives.
fn found(hints: &Hints<'_>, public_url: &str, called: &str, target: &str) -> Option<NearMiss> {
    let own_keys = [key("own")];
    let form = Form::parse(b"To=%2B14155550100&From=%2B14155550199").unwrap();
    let signature = Signature::parse(&sign_url(&own_keys[0], called, form.fields())).unwrap();
    let urls = [PublicUrl::parse(public_url).unwrap()];
    let request = SignedRequest { target, content: Content::Form(&form) };
    assert!(verify(&own_keys, &urls, &request, &signature).is_none(), "the request is accepted");
    diagnose(&Hints { own_keys: &own_keys, ..*hints }, &urls, &request, &signature)
}

fn code_and_url(
    hints: &Hints<'_>,
    public_url: &str,
    called: &str,
    target: &str,
) -> (&'static str, String) {
    let near_miss = found(hints, public_url, called, target).unwrap();
    (near_miss.as_str(), near_miss.public_url().unwrap_or_default().to_owned())
}

fn set_to(code: &'static str, url: &str) -> (&'static str, String) {
    (code, url.to_owned())
}

#[test]
fn a_proxy_that_terminates_tls_is_found() {
    let found = code_and_url(
        &Hints::default(),
        "http://a.example:8080",
        "https://a.example:8080/v?q",
        "/v?q",
    );
    assert_eq!(found, set_to("scheme", "https://a.example:8080"));
    let found =
        code_and_url(&Hints::default(), "http://a.example:8080", "https://a.example/v", "/v");
    assert_eq!(found, set_to("scheme", "https://a.example"));
    let found = code_and_url(&Hints::default(), "https://a.example", "http://a.example:80/v", "/v");
    assert_eq!(found, set_to("scheme", "http://a.example"));
}

#[test]
fn another_host_is_found_in_the_headers() {
    let hints = Hints { hosts: &["", "in.ternal:80:80", "b.example:8443"], ..Hints::default() };
    let found = code_and_url(&hints, "https://u:p@a.example/x", "https://b.example/x/v", "/v");
    assert_eq!(found, set_to("host", "https://b.example:8443/x"));
    let found = code_and_url(&Hints::default(), "https://A.example", "https://a.example/v", "/v");
    assert_eq!(found, set_to("host", "https://a.example"));
}

#[test]
fn another_port_is_found_in_the_host_header_or_among_common_ports() {
    let hints = Hints { hosts: &["A.example:12345"], ..Hints::default() };
    let called = "https://a.example:12345/v";
    assert_eq!(
        code_and_url(&hints, "https://a.example", called, "/v"),
        set_to("port", "https://a.example:12345")
    );
    assert_eq!(found(&Hints::default(), "https://a.example", called, "/v"), None);
    let called = "https://a.example:8443/v";
    let found = code_and_url(&Hints::default(), "https://a.example:9", called, "/v");
    assert_eq!(found, set_to("port", "https://a.example:8443"));
}

#[test]
fn an_extra_path_prefix_is_found_on_either_side() {
    for (called, target) in [("https://a.example/x/v", "/x/v"), ("https://a.example/v", "/v")] {
        let found = code_and_url(&Hints::default(), "https://a.example/x", called, target);
        assert_eq!(found, set_to("path_prefix", "https://a.example"));
    }
    let near_miss =
        found(&Hints::default(), "https://a.example", "https://a.example/v?q=/", "/x/v?q=/")
            .unwrap();
    assert_eq!((near_miss.as_str(), near_miss), ("path_prefix", NearMiss::PathAdded));
}

#[test]
fn an_added_or_removed_slash_is_found() {
    for (called, target) in [("https://a.example/v/?q", "/v?q"), ("https://a.example/v", "/v/")] {
        assert_eq!(
            found(&Hints::default(), "https://a.example", called, target),
            Some(NearMiss::TrailingSlash)
        );
    }
}

#[test]
fn an_added_or_removed_query_is_found() {
    let hints = Hints { queries: &["agentId=1", "agentId=2"], ..Hints::default() };
    for (called, target) in
        [("https://a.example/v?agentId=2", "/v"), ("https://a.example/v", "/v?utm=1")]
    {
        assert_eq!(found(&hints, "https://a.example", called, target), Some(NearMiss::Query));
    }
}

#[test]
fn the_parent_accounts_token_is_found() {
    let (own, parent) = ([key("own")], [key("parent"), key("next")]);
    let urls = [PublicUrl::parse("https://a.example").unwrap()];
    let request = SignedRequest { target: "/v", content: Content::Query };
    let signature = Signature::parse(&sign_url(&parent[1], "https://a.example/v", [])).unwrap();
    let hints = Hints { own_keys: &own, parent_keys: &parent, ..Hints::default() };
    assert_eq!(diagnose(&hints, &urls, &request, &signature), Some(NearMiss::ParentToken));
    let hints = Hints { own_keys: &own, ..Hints::default() };
    assert_eq!(diagnose(&hints, &urls, &request, &signature), None);
}

#[test]
fn nothing_is_found_if_two_parts_differ_or_the_body_does() {
    assert_eq!(found(&Hints::default(), "http://a.example", "https://a.example/v/", "/v"), None);
    let own = [key("own")];
    let urls = [PublicUrl::parse("http://a.example").unwrap()];
    let target = with_body_hash("/v", b"{}");
    let signature =
        Signature::parse(&sign_url(&own[0], &format!("https://a.example{target}"), [])).unwrap();
    let hints = Hints { own_keys: &own, ..Hints::default() };
    let request = |body| SignedRequest { target: &target, content: Content::Raw(body) };
    assert!(diagnose(&hints, &urls, &request(b"{}"), &signature).is_some());
    assert_eq!(diagnose(&hints, &urls, &request(b"{ }"), &signature), None);
}

#[test]
fn malformed_targets_and_hosts_are_not_found_and_do_not_panic() {
    let hosts = ["", ":", "]", "[", "a b", "é", "[::1]:80", "x:99999"];
    for hosts in hosts.chunks(4) {
        for target in ["", "/", "?", "é", "/?/", "//", "*", "/é/é?é"] {
            assert_eq!(
                found(
                    &Hints { hosts, ..Hints::default() },
                    "https://a.example",
                    "https://b/",
                    target
                ),
                None
            );
        }
    }
}

#[test]
fn a_diagnosis_computes_a_limited_number_of_hmacs() {
    let keys = [key("1"), key("2")];
    let request = SignedRequest { target: "/v", content: Content::Query };
    let signature = Signature::parse("RSOYDt4T1cUTdK1PDd93/VVr8B8=").unwrap();
    let mut matcher = Matcher::new(&request, &signature, MAX_ATTEMPTS).unwrap();
    let url = PublicUrl::parse("https://a.example").unwrap();
    for _ in 0..MAX_ATTEMPTS {
        assert_eq!(matcher.matching_key(&keys, &url, &Target::new("/v")), None);
    }
    assert_eq!(matcher.hmac_count(), MAX_ATTEMPTS);
}
