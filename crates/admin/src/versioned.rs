//! Objects that a client changes only as it has seen them: the sequence of every request that may have `If-Match`.

use serde::Serialize;

use crate::precondition::{EntityTag, Precondition};
use crate::problem::Problem;

/// A stored object with an entity tag.
pub(crate) trait Versioned {
    /// The object as it is stored.
    type Stored;
    /// Why it is not changed or removed.
    type Error: Into<Problem>;

    /// Reads the object.
    async fn read(&self) -> Result<Self::Stored, Problem>;

    /// The object as it is shown, which determines its tag.
    async fn shown(&self, stored: &Self::Stored) -> Result<impl Serialize, Problem>;

    /// Whether another request changed the object after it was read.
    fn is_outrun(error: &Self::Error) -> bool;

    /// The object as the client saw it; `None` if the request is for any state.
    async fn seen(&self, precondition: &Precondition) -> Result<Option<Self::Stored>, Problem> {
        if !precondition.is_given() {
            return Ok(None);
        }
        let stored = self.read().await?;
        precondition.check(&self.tag(&stored).await?)?;
        Ok(Some(stored))
    }

    /// The result of a change or removal. If another request came in between, the answer has the current tag.
    async fn finished<T>(
        &self,
        precondition: &Precondition,
        result: Result<T, Self::Error>,
    ) -> Result<T, Problem> {
        let error = match result {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if !precondition.is_given() || !Self::is_outrun(&error) {
            return Err(error.into());
        }
        let current = self.read().await?;
        Err(Precondition::failed(&self.tag(&current).await?))
    }

    /// The entity tag.
    async fn tag(&self, stored: &Self::Stored) -> Result<EntityTag, Problem> {
        EntityTag::of(&self.shown(stored).await?)
    }
}
