//! The options of an agent's `WhatsApp` template, as `agent add` and `agent set` share them.

use clap::Args;
use switchboard_domain::agent::{TemplateVariables, WhatsAppTemplate};
use switchboard_domain::sid::ContentSid;

use super::input::parse_given;
use crate::failure::Failure;

/// The template for messages outside of `WhatsApp`'s 24-hour window.
#[derive(Debug, Args)]
pub(super) struct TemplateOptions {
    /// Send this approved template (HX…) to contacts who have not written by WhatsApp for 24 hours
    #[arg(long, value_name = "CONTENT-SID")]
    whatsapp_template: Option<String>,
    /// A variable of the template; {body} stands for the text of the message (can be repeated) [default: 1={body}]
    #[arg(long = "template-variable", value_name = "NAME=VALUE", requires = "whatsapp_template")]
    template_variables: Vec<String>,
}

impl TemplateOptions {
    /// The given template.
    pub(super) fn template(&self) -> Result<Option<WhatsAppTemplate>, Failure> {
        let sid = self.whatsapp_template.as_deref();
        let Some(content) = parse_given("--whatsapp-template", sid, ContentSid::parse)? else {
            return Ok(None);
        };
        let variables = if self.template_variables.is_empty() {
            TemplateVariables::default()
        } else {
            TemplateVariables::new(super::agent_fields::pairs(&self.template_variables))
                .map_err(|error| Failure::usage(format!("the template {error}")))?
        };
        Ok(Some(WhatsAppTemplate { content, variables }))
    }
}
