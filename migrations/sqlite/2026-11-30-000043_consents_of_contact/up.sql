-- What a contact consented to by a user id is found when its number becomes known.
CREATE INDEX consents_of_contact ON consents (organization_id, contact);
