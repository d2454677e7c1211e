//! The laws of [`SealedSecretStore`](switchboard_domain::ports::SealedSecretStore).

use switchboard_domain::agent::{ChatModel, MessageTarget};
use switchboard_domain::ports::{
    AgentSecret, SealedColumn, SealedRow, StoredSecret, SubscriptionSecret,
};
use switchboard_domain::sealing::SecretVersion;

use crate::concurrent::at_once;
use crate::prelude::*;
use crate::subscriptions::sample;
use crate::{Fixture, pages, samples};

fn url() -> WebUrl {
    WebUrl::parse("https://models.example.com/v1").unwrap()
}

/// Adds everything that has sealed secrets, twice, to organizations of their own. Returns the secrets that each column has then.
async fn added(fixture: &Fixture) -> Vec<StoredSecret> {
    let mut secrets = Vec::new();
    for (n, owner) in [(1, &fixture.ours), (2, &fixture.theirs)] {
        secrets.extend(added_to(fixture, n, owner).await);
    }
    secrets.sort_by(|one, other| (one.column, &one.row).cmp(&(other.column, &other.row)));
    secrets
}

async fn added_to(fixture: &Fixture, n: u32, owner: &OrganizationId) -> Vec<StoredSecret> {
    let everything = &samples::operator();
    let sealed = |place: u32| samples::sealed(n * 10 + place);
    let first = |place: u32| Sealed::from_bytes(sealed(place).as_bytes().to_vec());
    let account = samples::account(n, owner);
    fixture.accounts().add(everything, &account).await.unwrap();
    let mut agent = samples::agent(n, owner);
    let chat = ChatModel { url: url(), ..samples::chat_model() };
    agent.profile.message_target = Some(MessageTarget::ChatModel(chat));
    fixture.agents().add(everything, &agent).await.unwrap();
    fixture.chat_models().set_key(everything, &agent.id, &url(), sealed(4)).await.unwrap();
    let mut secrets = Vec::new();
    let mut keep = |column, id: &str, number, url: Option<WebUrl>, sealed: Sealed| {
        secrets.push(StoredSecret {
            column,
            row: SealedRow { id: id.to_owned(), number },
            url,
            sealed,
        });
    };
    let sid = account.sid.as_str();
    let SealedTokens { primary, next } = account.tokens.clone();
    keep(SealedColumn::AccountToken, sid, 0, None, primary);
    keep(SealedColumn::AccountNextToken, sid, 0, None, next.unwrap());
    keep(SealedColumn::AccountApiKey, sid, 0, None, account.api_key.unwrap().secret);
    keep(SealedColumn::ChatKey, agent.id.as_str(), 0, Some(url()), sealed(4));
    let subscription = sample(u8::try_from(n).unwrap(), owner, "*");
    let (now, later) = (samples::at(1), samples::at(9));
    for number in [1, 2] {
        let place = 4 + u32::try_from(number).unwrap();
        let secret =
            AgentSecret { agent: agent.id.clone(), number, sealed: first(place), expires_at: None };
        fixture.agent_secrets().add(everything, &secret, now, later).await.unwrap();
        keep(SealedColumn::AgentSecret, agent.id.as_str(), number, None, first(place));
        let secret = SubscriptionSecret {
            subscription: subscription.id.clone(),
            number,
            sealed: first(place + 2),
            expires_at: None,
        };
        if number == 1 {
            fixture.subscriptions().add(everything, &subscription, &secret, 10).await.unwrap();
        } else {
            let secrets = fixture.subscription_secrets();
            secrets.add_secret(everything, &secret, now, later).await.unwrap();
        }
        let id = subscription.id.as_str();
        keep(SealedColumn::SubscriptionSecret, id, number, None, first(place + 2));
    }
    secrets
}

/// The stored secrets of all columns, read in pages of this size.
async fn stored(fixture: &Fixture, limit: u32) -> Vec<StoredSecret> {
    let mut all = Vec::new();
    for column in SealedColumn::ALL {
        let read = async |page| fixture.sealed_secrets().sealed(column, &page).await;
        all.extend(pages::all(limit, |secret: &StoredSecret| secret.row.clone(), read).await);
    }
    all
}

/// Another sealed form of a secret.
fn other_form(secret: &StoredSecret) -> Sealed {
    let bytes = [b"other form of ", secret.sealed.as_bytes()].concat();
    Sealed::of_version(bytes, secret.sealed.version())
}

#[laws(sealed_secrets::sealed_secret_laws)]
pub mod laws {
    use super::*;

    /// Each column lists the secrets of all organizations, in the order of their rows, in pages of any size.
    pub async fn every_secret_is_listed_where_it_is(fixture: &Fixture) {
        assert_eq!(stored(fixture, 10).await, []);
        let added = added(fixture).await;
        assert_eq!(added.len(), 16);
        for limit in [1, 2, 3, 100] {
            assert_eq!(stored(fixture, limit).await, added, "pages of {limit}");
        }
    }

    /// The key of an agent that has no chat model any more is not listed.
    pub async fn a_key_without_a_chat_model_is_not_listed(fixture: &Fixture) {
        added(fixture).await;
        let agent = samples::agent(1, &fixture.ours);
        fixture.agents().change(&fixture.us, None, &agent).await.unwrap();
        let page = Page::first(10);
        let keys = fixture.sealed_secrets().sealed(SealedColumn::ChatKey, &page).await.unwrap();
        let agents: Vec<_> = keys.iter().map(|key| key.row.id.as_str()).collect();
        assert_eq!(agents, [samples::agent_id(2).as_str()]);
    }

    /// Another form of a secret takes its place; its version and everything else stay.
    pub async fn a_secret_gets_another_form(fixture: &Fixture) {
        let mut expected = added(fixture).await;
        let accounts =
            fixture.accounts().list(&samples::operator(), &Page::first(10)).await.unwrap();
        let forms: Vec<_> = expected.iter().map(|one| (one.clone(), other_form(one))).collect();
        let count = fixture.sealed_secrets().reseal(&forms).await.unwrap();
        assert_eq!(count, 16);
        for secret in &mut expected {
            secret.sealed = other_form(secret);
        }
        assert_eq!(stored(fixture, 10).await, expected);
        let mut now =
            fixture.accounts().list(&samples::operator(), &Page::first(10)).await.unwrap();
        for (account, before) in now.iter_mut().zip(&accounts) {
            assert_ne!(account.tokens, before.tokens);
            account.tokens = before.tokens.clone();
            account.api_key.clone_from(&before.api_key);
        }
        assert_eq!(now, accounts);
        assert_eq!(fixture.sealed_secrets().reseal(&[]).await.unwrap(), 0);
    }

    /// No cache has to read the secrets again.
    pub async fn another_form_is_no_change(fixture: &Fixture) {
        let secrets = added(fixture).await;
        let before = fixture.store().changes().version().await.unwrap();
        let forms: Vec<_> = secrets.iter().map(|one| (one.clone(), other_form(one))).collect();
        fixture.sealed_secrets().reseal(&forms).await.unwrap();
        assert_eq!(fixture.store().changes().version().await.unwrap(), before);
    }

    /// A secret that others have replaced, or of which others know another form or version, stays. Those in the same call do not wait
    /// for it, and a row that is gone is no error.
    pub async fn a_secret_that_has_changed_stays(fixture: &Fixture) {
        let secrets = added(fixture).await;
        for secret in &secrets {
            let mut other_bytes = secret.clone();
            other_bytes.sealed =
                Sealed::of_version(b"not what is stored".to_vec(), secret.sealed.version());
            let mut gone = secret.clone();
            gone.row.id.push('0');
            let mut outrun = vec![other_bytes, gone];
            let is_versioned = !matches!(
                secret.column,
                SealedColumn::AgentSecret | SealedColumn::SubscriptionSecret
            );
            if is_versioned {
                let mut other_version = secret.clone();
                let bytes = secret.sealed.as_bytes().to_vec();
                other_version.sealed = Sealed::of_version(bytes, SecretVersion::from_number(77));
                outrun.push(other_version);
            }
            let forms: Vec<_> = outrun.iter().map(|one| (one.clone(), other_form(one))).collect();
            let count = fixture.sealed_secrets().reseal(&forms).await.unwrap();
            assert_eq!(count, 0, "{:?}", secret.column);
        }
        assert_eq!(stored(fixture, 10).await, secrets);
        let mut wrong = secrets[0].clone();
        wrong.sealed = samples::sealed(99);
        let forms = [&wrong, &secrets[1]].map(|one| (one.clone(), other_form(one)));
        assert_eq!(fixture.sealed_secrets().reseal(&forms).await.unwrap(), 1);
        let mut expected = secrets;
        expected[1].sealed = other_form(&expected[1]);
        assert_eq!(stored(fixture, 10).await, expected);
    }

    /// Of several that give the same secret another form, one does.
    pub async fn a_secret_gets_one_of_several_forms(fixture: &Fixture) {
        let secrets = added(fixture).await;
        let counts = at_once(|_| {
            let (store, secrets) = (fixture.store(), secrets.clone());
            async move {
                let forms: Vec<_> =
                    secrets.iter().map(|one| (one.clone(), other_form(one))).collect();
                store.sealed_secrets().reseal(&forms).await.unwrap()
            }
        });
        assert_eq!(counts.await.iter().sum::<u64>(), 16);
    }
}
