use axum::response::{IntoResponse, Response};
use domain::ListLimit;
use domain::conversations::{Conversation, InboxCursor};
use domain::users::Username;
use maud::Markup;

use super::{PageError, drawn};
use crate::App;
use crate::requests::{Client, Fragment, Reader};
use crate::views;
use crate::views::inbox::Inbox;

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
        let (from, limit) = (self.inbox_from, self.view.inbox_limit());
        let inbox = app.conversations.inbox(reader.user.id, from, limit).await?;
        Ok(self.beside(&inbox, app, reader, client))
    }

    /// The same beside this inbox.
    pub(crate) fn beside(
        self,
        inbox: &Inbox,
        app: &App,
        reader: &Reader,
        client: Client,
    ) -> Response {
        if client == Client::Htmx(Fragment::Part) {
            return self.content.into_response();
        }
        let unread = views::inbox::unread(inbox);
        let entries = drawn::entries(app, inbox, reader, self.current.as_ref());
        let inbox = views::inbox::list(inbox, &entries, self.inbox_from.is_some());
        match client {
            Client::Htmx(_) => views::layout::pane(&self, &inbox, unread),
            // From when the reader came on the stream tells: all of this was read after that.
            Client::Browser | Client::Json => views::layout::page(&self, reader, &inbox, unread),
        }
        .into_response()
    }
}
