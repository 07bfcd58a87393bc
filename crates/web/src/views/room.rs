use maud::Render;

/// Draws nothing, and makes room for so many bytes that follow: a page that grows as it is written is
/// copied half a dozen times.
pub(super) struct Room(pub(super) usize);

impl Render for Room {
    fn render_to(&self, drawn: &mut String) {
        drawn.reserve(self.0);
    }
}
