use maud::Render;

/// What stands around the large parts of a page, about, in bytes.
const AROUND: usize = 8 * 1024;

/// Draws nothing, and makes room for large parts of so many bytes, and what stands around them: a page
/// that grows as it is written is copied half a dozen times.
pub(super) struct RoomFor(pub(super) usize);

impl Render for RoomFor {
    fn render_to(&self, drawn: &mut String) {
        drawn.reserve(self.0 + AROUND);
    }
}
