//! Accounts (Twilio, "Account resource" and "Subaccounts").

use async_trait::async_trait;
use serde::Deserialize;
use switchboard_domain::carrier::{AccountStatus, CarrierAccess, CarrierAccount, CarrierError};
use switchboard_domain::ports::carrier::AccountCarrier;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, FieldError, Keys, Product, Reading, Request};
use crate::wire::text;

#[derive(Deserialize)]
struct AccountWire {
    sid: String,
    #[serde(default, deserialize_with = "text")]
    friendly_name: String,
    owner_account_sid: String,
    status: String,
    #[serde(default, deserialize_with = "text")]
    auth_token: String,
}

impl AccountWire {
    fn open(self) -> Result<CarrierAccount, AnswerError> {
        let status = AccountStatus::parse(&self.status).ok_or(FieldError::Status);
        let owner = AccountSid::parse(&self.owner_account_sid);
        Ok(CarrierAccount {
            sid: AccountSid::parse(&self.sid).map_err(AnswerError::field("sid"))?,
            name: self.friendly_name,
            owner: owner.map_err(AnswerError::field("owner_account_sid"))?,
            status: status.map_err(AnswerError::field("status"))?,
            token: (!self.auth_token.is_empty()).then(|| Secret::new(self.auth_token)),
        })
    }
}

#[async_trait]
impl AccountCarrier for TwilioCarrier {
    async fn fetch(&self, access: &CarrierAccess) -> Result<CarrierAccount, CarrierError> {
        const OPERATION: &str = "account.fetch";
        let path = format!("/2010-04-01/Accounts/{}.json", access.account);
        let request = Request::get(OPERATION, Product::Api, Keys::OwnToken, path);
        self.client.ask::<AccountWire>(access, &request).await?.open().during(OPERATION)
    }

    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierAccount>, CarrierError> {
        let path = "/2010-04-01/Accounts.json".to_owned();
        let request = Request::get("account.list", Product::Api, Keys::OwnToken, path);
        let open = |account: AccountWire| account.open().map(Some);
        self.client.list(access, &request, open, |account| account.sid).await
    }
}
