-- A list of the numbers of an organization reads only these, in their order.
CREATE INDEX numbers_of_organization ON numbers (organization_id, phone_number);
