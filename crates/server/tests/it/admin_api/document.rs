//! The `OpenAPI` document describes the paths as they are, and the interactive documentation needs nothing else.

use crate::prelude::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_the_one_that_is_published() {
    let (_app, server) = TestApp::served(Store::sqlite()).await;
    let document = server.admin().get("/api/openapi.json", &[]).await;
    assert_eq!(document.header("content-type"), Some("application/json"));
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let published = std::fs::read_to_string(published).unwrap();
    assert_eq!(document.text(), published, "run `just openapi`");
    let document = document.json();
    assert_eq!(document["openapi"], json!("3.1.0"));
    for (path, methods) in document["paths"].as_object().unwrap() {
        let mut allowed: Vec<_> =
            methods.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        if allowed.iter().any(|method| method == "GET") {
            allowed.push("HEAD".to_owned());
        }
        allowed.sort();
        let refused = server.admin().request("FROB", &path.replace(['{', '}'], ""), &[]).await;
        let reported = refused.header("allow").unwrap_or_default();
        let mut reported: Vec<_> = reported.split(", ").map(ToOwned::to_owned).collect();
        reported.sort();
        assert_eq!(reported, allowed, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interactive_documentation_loads_from_this_server_only() {
    let (_app, server) = TestApp::served(Store::sqlite()).await;
    let admin = server.admin();
    let moved = admin.get("/api/docs", &[]).await;
    assert_eq!((moved.status, moved.header("location")), (308, Some("/api/docs/")));
    let page = admin.get("/api/docs/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'self'"));
    let text = page.text();
    let loaded = text.split(['"', '\'']).filter(|part| {
        let extension = Path::new(part).extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("js" | "css" | "png"))
    });
    let loaded: Vec<_> = loaded.map(|part| part.trim_start_matches("./").to_owned()).collect();
    assert!(loaded.len() >= 3, "{text}");
    for file in loaded {
        let answer = admin.get(&format!("/api/docs/{file}"), &[]).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(!answer.body.is_empty());
    }
    let settings = admin.get("/api/docs/swagger-initializer.js", &[]).await;
    assert!(settings.text().contains("/api/openapi.json"), "{}", settings.text());
}
