//! A client of the API with a key.

use crate::prelude::*;

/// Another organization than the one that the seed belongs to.
pub(super) const OTHERS_ID: &str = "org_01m8jwaxz29rbqtyphtjq1q9h6";
/// The organization of the seed.
pub(super) const OURS_ID: &str = "org_00000000000000000000000000";

/// A client that presents a key.
pub(super) struct Api {
    client: Client,
    key: String,
    organization: Option<&'static str>,
}

impl Api {
    /// With this key.
    pub(super) fn with(server: &Server, key: &str) -> Self {
        Self { client: server.admin(), key: key.to_owned(), organization: None }
    }

    /// With a new operator key that may read.
    pub(super) fn operator(app: &TestApp, server: &Server) -> Self {
        Self::with(server, &added_key(app, "--scopes read").1)
    }

    /// The same, with another organization selected.
    pub(super) fn selecting(&self, organization: &'static str) -> Self {
        Self {
            client: self.client.clone(),
            key: self.key.clone(),
            organization: Some(organization),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).await
    }

    pub(super) async fn request(&self, method: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(self.organization.map(|id| ("Switchboard-Organization", id)));
        self.client.request(method, path, &headers).await
    }

    /// Submits a JSON body, with more headers.
    pub(super) async fn submit(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.push(("Content-Type", "application/json"));
        headers.extend(self.organization.map(|id| ("Switchboard-Organization", id)));
        headers.extend(more);
        self.client.submit(method, path, &headers, &body.to_string()).await
    }

    /// Posts a JSON body.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.submit("POST", path, &[], body).await
    }

    /// What a path answers with 200.
    pub(super) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        answer.json()
    }
}

/// Adds a key with these options, and returns its id and its secret.
pub(super) fn added_key(app: &TestApp, options: &str) -> (String, String) {
    let added = app.run(&format!("key add --name test {options} --json")).exits(0).json();
    let text = |name: &str| added[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

/// Adds the other organization, as a database administrator does.
pub(super) async fn add_others(app: &TestApp) {
    let add = format!(
        "INSERT INTO organizations (id, name, created_at) \
         SELECT '{OTHERS_ID}', 'Others', created_at FROM organizations"
    );
    app.store.execute(&add).await;
}

/// Checks that an answer is a problem, and returns its code.
pub(super) fn code(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let problem = answer.json();
    let code = problem["code"].as_str().unwrap().to_owned();
    assert_eq!(problem["status"], json!(status));
    assert_eq!(problem["type"], json!(format!("urn:switchboard:problem:{code}")));
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    code
}
