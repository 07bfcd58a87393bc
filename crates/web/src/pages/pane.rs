use axum::response::{IntoResponse, Response};
use domain::ListLimit;
use domain::conversations::{Conversation, InboxCursor};
use domain::users::Username;
use maud::Markup;

use super::{PageError, drawn};
use crate::App;
use crate::requests::{Client, Fragment, Reader};
use crate::views;

/// Which of the shell's views is open. On a narrow screen only the inbox shows the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// The list of conversations.
    Inbox,
    /// The list of people.
    People,
    /// One conversation.
    Conversation,
    /// One's own settings.
    Settings,
}

impl View {
    /// How many entries of the inbox are beside another view: about what one sees of it.
    pub(crate) const BESIDE: u32 = 20;

    /// How much of the inbox is shown.
    pub(crate) fn inbox_limit(self) -> ListLimit {
        match self {
            Self::Inbox => ListLimit::default(),
            Self::People | Self::Conversation | Self::Settings => {
                ListLimit::parse(Self::BESIDE).unwrap_or_default()
            }
        }
    }
}

/// What a signed-in page shows beside the inbox.
pub(crate) struct Pane {
    /// For the tab.
    pub(crate) title: String,
    /// Which view it is.
    pub(crate) view: View,
    /// Whose conversation is open.
    pub(crate) current: Option<Username>,
    /// Where the inbox beside it begins; `None` at the newest.
    pub(crate) inbox_from: Option<InboxCursor>,
    /// What stands in the search field.
    pub(crate) typed: String,
    /// The pane itself.
    pub(crate) content: Markup,
}

impl Pane {
    /// One conversation.
    pub(crate) fn conversation(conversation: &Conversation, content: Markup) -> Self {
        let with = &conversation.with;
        Self {
            title: with.display_name.to_string(),
            view: View::Conversation,
            current: Some(with.username.clone()),
            inbox_from: None,
            typed: String::new(),
            content,
        }
    }

    /// As a whole page, as the pane with a fresh inbox beside it, or as the pane alone: what the
    /// client can use.
    pub(crate) async fn show(
        self,
        app: &App,
        reader: &Reader,
        client: Client,
    ) -> Result<Response, PageError> {
        if client == Client::Htmx(Fragment::Part) {
            return Ok(self.content.into_response());
        }
        // From here on the stream tells; what the pane was made of a moment ago it tells again.
        let made_at = app.clock.now();
        let (from, limit) = (self.inbox_from, self.view.inbox_limit());
        let inbox = app.conversations.inbox(reader.user.id, from, limit).await?;
        let unread = views::inbox::unread(&inbox);
        let entries = drawn::entries(app, &inbox, reader, self.current.as_ref());
        let inbox = views::inbox::list(&inbox, &entries, from.is_some());
        let page = match client {
            Client::Htmx(_) => views::layout::pane(&self, &inbox, unread),
            Client::Browser | Client::Json => {
                views::layout::page(&self, reader, &inbox, unread, made_at)
            }
        };
        Ok(page.into_response())
    }
}
