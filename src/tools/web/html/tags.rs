//! What the names of elements mean here.

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Without any meaning of its own: `html`, `head`, `body`. Never open, so nothing can close them or hide them.
    Frame,
    /// Says what the links of the page are relative to.
    Base,
    Title,
    /// Left out with all that is in it, and nothing inside can close what is around it.
    Out,
    /// Without content, and of no meaning.
    Void,
    /// In a line, of no meaning.
    Inline,
    /// A part of a formula.
    Symbol,
    Link,
    Bold,
    Italic,
    Struck,
    Code,
    Quotation,
    Break,
    Picture,
    /// A block that others close by beginning: `p`.
    Paragraph,
    /// A block that does not keep a list item open: `div`, `address`.
    Division,
    Block,
    Form,
    Dialog,
    Heading(usize),
    Rule,
    Pre,
    Quote,
    List,
    OrderedList,
    Item,
    Terms,
    Term,
    Meaning,
    Table,
    Caption,
    RowGroup,
    Row,
    Cell,
    Main,
    Article,
    Section,
    /// Goes along with the page and is no part of what it says: `nav`.
    Navigation,
    /// The same, unless it belongs to an article: `header`, `footer`, `aside`.
    Margin,
}

impl Tag {
    /// Looks a name up.
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"html" | b"head" | b"body" | b"frameset" => Self::Frame,
            b"base" => Self::Base,
            b"title" => Self::Title,
            b"script" | b"style" | b"noscript" | b"svg" | b"iframe" | b"template" | b"textarea" | b"select" | b"button" | b"datalist"
            | b"progress" | b"meter" | b"output" | b"canvas" | b"audio" | b"video" | b"object" | b"applet" | b"noframes" | b"noembed"
            | b"annotation" | b"annotation-xml" | b"map" | b"marquee" => Self::Out,
            b"input" | b"meta" | b"link" | b"area" | b"col" | b"embed" | b"param" | b"source" | b"track" | b"wbr" | b"keygen"
            | b"frame" | b"basefont" | b"bgsound" => Self::Void,
            b"mi" | b"mo" | b"mn" | b"ms" | b"mtext" => Self::Symbol,
            b"a" => Self::Link,
            b"b" | b"strong" => Self::Bold,
            b"i" | b"em" | b"dfn" | b"cite" | b"var" => Self::Italic,
            b"s" | b"del" | b"strike" => Self::Struck,
            b"code" | b"kbd" | b"samp" | b"tt" => Self::Code,
            b"q" => Self::Quotation,
            b"br" => Self::Break,
            b"img" | b"image" => Self::Picture,
            b"p" => Self::Paragraph,
            b"div" | b"address" => Self::Division,
            b"center" | b"details" | b"dir" | b"fieldset" | b"figcaption" | b"figure" | b"hgroup" | b"search" | b"summary" | b"legend" => {
                Self::Block
            }
            b"form" => Self::Form,
            b"dialog" => Self::Dialog,
            b"h1" => Self::Heading(1),
            b"h2" => Self::Heading(2),
            b"h3" => Self::Heading(3),
            b"h4" => Self::Heading(4),
            b"h5" => Self::Heading(5),
            b"h6" => Self::Heading(6),
            b"hr" => Self::Rule,
            b"pre" | b"listing" | b"xmp" | b"plaintext" => Self::Pre,
            b"blockquote" => Self::Quote,
            b"ul" | b"menu" => Self::List,
            b"ol" => Self::OrderedList,
            b"li" => Self::Item,
            b"dl" => Self::Terms,
            b"dt" => Self::Term,
            b"dd" => Self::Meaning,
            b"table" => Self::Table,
            b"caption" => Self::Caption,
            b"thead" | b"tbody" | b"tfoot" | b"colgroup" => Self::RowGroup,
            b"tr" => Self::Row,
            b"td" | b"th" => Self::Cell,
            b"main" => Self::Main,
            b"article" => Self::Article,
            b"section" => Self::Section,
            b"nav" => Self::Navigation,
            b"header" | b"footer" | b"aside" => Self::Margin,
            _ => Self::Inline,
        }
    }

    /// Has it no content, and so no end?
    pub fn is_void(self) -> bool {
        matches!(self, Self::Void | Self::Base | Self::Break | Self::Picture | Self::Rule)
    }

    /// Is it a part of a line?
    pub fn is_inline(self) -> bool {
        let is_marked = matches!(self, Self::Link | Self::Bold | Self::Italic | Self::Struck | Self::Code | Self::Quotation);
        is_marked || matches!(self, Self::Inline | Self::Symbol | Self::Break | Self::Picture | Self::Void | Self::Title)
    }

    /// Nothing inside it closes what is around it.
    pub fn is_wall(self) -> bool {
        self.is_boundary() || self == Self::Table
    }

    /// Marks do not go on beyond it.
    pub fn is_boundary(self) -> bool {
        matches!(self, Self::Out | Self::Cell | Self::Caption | Self::Symbol)
    }

    /// May a header belong to it?
    pub fn is_part(self) -> bool {
        matches!(self, Self::Main | Self::Article | Self::Section)
    }

    /// Does its beginning end a paragraph?
    pub fn ends_paragraph(self) -> bool {
        !self.is_inline() && !matches!(self, Self::Out | Self::Frame | Self::Base | Self::RowGroup | Self::Row | Self::Cell | Self::Caption)
    }
}

/// Does it go on in the next block when the block around it ends? The standard has a list of these.
pub(super) fn is_formatting(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"b" | b"big" | b"code" | b"em" | b"font" | b"i" | b"nobr" | b"s" | b"small" | b"strike" | b"strong" | b"tt" | b"u"
    )
}

/// Does its end close it whatever is open inside? Others wait until the blocks inside are closed.
pub(super) fn is_scoped(name: &[u8]) -> bool {
    matches!(
        name,
        b"template"
            | b"select"
            | b"button"
            | b"object"
            | b"applet"
            | b"marquee"
            | b"iframe"
            | b"noscript"
            | b"script"
            | b"style"
            | b"textarea"
            | b"noframes"
            | b"noembed"
    )
}
