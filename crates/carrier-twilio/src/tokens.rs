//! Auth tokens (Twilio, "Auth Tokens and how to change them").

use async_trait::async_trait;
use serde::Deserialize;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::ports::carrier::TokenCarrier;
use switchboard_domain::secret::Secret;

use crate::TwilioCarrier;
use crate::exchange::{Keys, Product, Request};

const SECONDARY: &str = "/v1/AuthTokens/Secondary";
const PROMOTE: &str = "/v1/AuthTokens/Promote";

#[derive(Deserialize)]
struct SecondaryWire {
    secondary_auth_token: String,
}

#[async_trait]
impl TokenCarrier for TwilioCarrier {
    async fn create_secondary(&self, access: &CarrierAccess) -> Result<Secret, CarrierError> {
        let path = SECONDARY.to_owned();
        let request = Request::post("token.create", Product::Accounts, Keys::OwnToken, path);
        let created: SecondaryWire = self.client.ask(access, &request).await?;
        Ok(Secret::new(created.secondary_auth_token))
    }

    async fn delete_secondary(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        let path = SECONDARY.to_owned();
        let request = Request::delete("token.delete", Product::Accounts, Keys::OwnToken, path);
        self.client.execute(access, &request).await
    }

    async fn promote(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        let path = PROMOTE.to_owned();
        let request = Request::post("token.promote", Product::Accounts, Keys::OwnToken, path);
        self.client.execute(access, &request).await
    }
}
