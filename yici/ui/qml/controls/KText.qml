import QtQuick
import theme

// Every text on a screen: plain text only, size and colour by role.
Text {
    id: root

    enum Role {
        Caption,
        Body,
        Heading,
        Title
    }
    enum Tone {
        Main,
        Secondary,
        Accent,
        OnAccent,
        Ok,
        Warn,
        Danger
    }

    property int role: KText.Body
    property int tone: KText.Main
    property bool strong: root.role === KText.Title || root.role === KText.Heading

    textFormat: Text.PlainText
    font.family: Theme.family
    font.pixelSize: [Theme.captionPx, Theme.bodyPx, Theme.headingPx, Theme.titlePx][root.role]
    font.weight: root.strong ? Font.Bold : Font.Normal
    // the family's natural 1.45 em is right for reading and too loose for a headline
    lineHeight: root.role >= KText.Heading ? 0.92 : 1.0
    color: [Theme.text, Theme.secondaryText, Theme.accent, Theme.onAccent, Theme.ok, Theme.warn, Theme.danger][root.tone]
    wrapMode: Text.Wrap
    renderType: Text.QtRendering

    Accessible.role: Accessible.StaticText
    Accessible.name: root.text
    Accessible.ignored: root.text === ""
}
