//! What selects the latest records between a contact and our side.

use switchboard_domain::address::Address;
use switchboard_domain::identifier::OrganizationId;

/// The selection of the latest messages or calls of a contact.
pub(super) struct LatestOfContact {
    pub(super) organization: String,
    pub(super) contact: Vec<String>,
    pub(super) ours: Vec<String>,
    pub(super) limit: u32,
}

impl LatestOfContact {
    pub(super) fn new(
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Self {
        let texts = |addresses: &[Address]| addresses.iter().map(Address::to_text).collect();
        Self {
            organization: organization.as_str().to_owned(),
            contact: texts(contact),
            ours: texts(ours),
            limit,
        }
    }
}
