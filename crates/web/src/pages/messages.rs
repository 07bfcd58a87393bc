use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::conversations::Seq;
use domain::messages::{ClientId, MessageBody, Send, SendError};
use domain::users::Username;
use maud::{Markup, html};
use serde::Deserialize;

use super::piece::Part;
use super::{PageError, Pane, Piece, View, news};
use crate::requests::{Client, Form, Looks, NoViewer, Reader};
use crate::views::composer::Draft;
use crate::{App, paths, views};

#[derive(Deserialize)]
pub(super) struct Asked {
    before: Option<i64>,
    after: Option<i64>,
    unread: Option<i64>,
}

impl Asked {
    fn part(&self) -> Result<Part, PageError> {
        let seq = |seq| Seq::new(seq).map_err(|_| PageError::Status(StatusCode::BAD_REQUEST));
        match (self.before, self.after) {
            (None, None) => Ok(Part::Newest),
            (Some(before), None) => Ok(Part::Before(seq(before)?)),
            (None, Some(after)) => Ok(Part::After(seq(after)?)),
            (Some(_), Some(_)) => Err(PageError::Status(StatusCode::BAD_REQUEST)),
        }
    }
}

/// A piece of history: for htmx to put in place, else a whole page.
pub(super) async fn piece(
    path: paths::Messages,
    State(app): State<App>,
    reader: Reader,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let piece = Piece::read(&app, &reader.user, &path.username.0, asked.part()?).await?;
    let piece = piece.ok_or(PageError::NoSuchPerson)?;
    if let Client::Htmx(_) = client {
        let unread = asked.unread.and_then(|seq| Seq::new(seq).ok());
        return Ok(match asked.after {
            Some(_) => look_back(&app, &reader, &piece).await?,
            None => views::conversation::above(&piece, &reader, unread),
        }
        .into_response());
    }
    let composer = views::composer::fresh(&piece.conversation.with, app.new_client_id());
    let content = views::conversation::pane(&piece, &reader, &composer);
    Pane::conversation(&piece.conversation, content)
        .show(&app, &reader, client)
        .await
}

/// What may have changed on a page that shows a conversation: there, and in the inbox beside it.
async fn look_back(app: &App, reader: &Reader, piece: &Piece) -> Result<Markup, PageError> {
    let limit = View::Conversation.inbox_limit();
    let inbox = app.conversations.inbox(reader.user.id, None, limit).await?;
    Ok(html! {
        (views::conversation::news(piece, reader))
        (views::live::inbox(&inbox, reader))
    })
}

#[derive(Deserialize)]
pub(super) struct Written {
    #[serde(default)]
    body: String,
    #[serde(default)]
    client_id: String,
}

impl Written {
    fn parse(&self, to: &Username) -> Result<Send, String> {
        let body = MessageBody::parse(&self.body).map_err(|e| format!("A message {e}."))?;
        let client_id = match self.client_id.as_str() {
            "" => None,
            raw => Some(ClientId::parse(raw).map_err(|e| format!("The message's id {e}."))?),
        };
        Ok(Send {
            to: to.clone(),
            client_id,
            body,
        })
    }
}

/// Story 3: sends a message. Whatever goes wrong, the text comes back.
pub(super) async fn send(
    path: paths::Messages,
    State(app): State<App>,
    reader: Result<Reader, NoViewer>,
    looks: Looks,
    client: Client,
    form: Result<Form<Written>, PageError>,
) -> Response {
    let to = path.username.0;
    let (reader, written) = match (reader, form) {
        (Ok(reader), Ok(Form(written))) => (reader, written),
        (Ok(_), Err(unreadable)) => return unreadable.into_response(),
        // Whether there is a session could not be found out.
        (Err(NoViewer::Unknown(error)), Ok(Form(written))) => {
            let error = PageError::Store(error);
            let kept = Kept::unsent(written, &error);
            return give_back(&app, Err(looks), client, &to, error, kept).await;
        }
        (Err(refusal), _) => return refusal.into_response(),
    };
    let message = match written.parse(&to) {
        Ok(message) => message,
        Err(reason) => {
            let error = PageError::Status(StatusCode::UNPROCESSABLE_ENTITY);
            let kept = Kept {
                written,
                reason,
                client_id: None,
            };
            return give_back(&app, Ok(&reader), client, &to, error, kept).await;
        }
    };
    let error = match app.messages.send(&reader.user, message).await {
        Ok(sent) if client == Client::Browser => {
            return Redirect::to(&paths::conversation(&sent.to.username)).into_response();
        }
        Ok(sent) => {
            let changes = match sent.surroundings {
                Some(around) => news::of_sent(&reader, &sent.message, around),
                None => news::of_message(&app, &reader, &sent.to, &sent.message).await,
            };
            return changes.into_response();
        }
        Err(SendError::NoSuchUser) => PageError::NoSuchPerson,
        Err(SendError::TooFast(after)) => PageError::TooMany(after),
        Err(SendError::Conflict) => PageError::Conflict,
        Err(SendError::Store(error)) => PageError::from(error),
    };
    let kept = Kept::unsent(written, &error);
    give_back(&app, Ok(&reader), client, &to, error, kept).await
}

/// What was written and could not be sent.
struct Kept {
    written: Written,
    reason: String,
    client_id: Option<ClientId>,
}

impl Kept {
    fn unsent(written: Written, error: &PageError) -> Self {
        let reason = match error {
            PageError::Conflict => "This form was sent before with another text. \
                 Send it again if you want both."
                .to_owned(),
            PageError::NotFound
            | PageError::NoSuchPerson
            | PageError::TooMany(_)
            | PageError::Store(_)
            | PageError::Broken(_)
            | PageError::Status(_) => {
                let (heading, advice) = error.words();
                format!("Not sent. {heading}: {advice}")
            }
        };
        // An unanswered send keeps its id, so that trying again cannot store it twice.
        let client_id = match error {
            PageError::TooMany(_) | PageError::Store(_) | PageError::Broken(_) => {
                ClientId::parse(&written.client_id).ok()
            }
            PageError::NotFound
            | PageError::NoSuchPerson
            | PageError::Conflict
            | PageError::Status(_) => None,
        };
        Self {
            written,
            reason,
            client_id,
        }
    }
}

/// Answers `error` with the form and its text: for htmx in place of the form, else in the whole
/// conversation, and when even that cannot be shown, on a page of its own.
async fn give_back(
    app: &App,
    reader: Result<&Reader, Looks>,
    client: Client,
    to: &Username,
    error: PageError,
    kept: Kept,
) -> Response {
    let Kept {
        written,
        reason,
        client_id,
    } = kept;
    let client_id = client_id.unwrap_or_else(|| app.new_client_id());
    let draft = Draft {
        text: &written.body,
        client_id,
        error: Some(&reason),
    };
    let composer = views::composer::form(to, &draft);
    if let Client::Htmx(_) = client {
        return error.answer(composer);
    }
    let looks = match reader {
        Err(looks) => looks,
        Ok(reader) => {
            if let Ok(Some(piece)) = Piece::read(app, &reader.user, to, Part::Newest).await {
                let content = views::conversation::pane(&piece, reader, &composer);
                let pane = Pane::conversation(&piece.conversation, content);
                if let Ok(page) = pane.show(app, reader, client).await {
                    return error.answer(page);
                }
            }
            reader.looks.clone()
        }
    };
    error.answer(views::error::keeping(&composer, &looks))
}
