import QtQuick
import controls
import input_method
import strings
import theme

// Above the keys: the letters and the first candidates, the pages of all candidates, or a word of
// help while nothing is being composed.
Item {
    id: root

    required property InputMethod method
    required property real lineHeight
    required property real gap
    property int linesWhenExpanded: 4
    readonly property bool converts: root.method.kind === "pinyin" || root.method.kind === "name"
    readonly property bool composing: root.method.preedit !== ""
    readonly property real lineWidth: Math.max(1, width - more.width - root.gap)
    readonly property string hint: {
        if (root.method.total > 0 && root.method.typed > 0)
            return Strings.format("keyboard.progress", {
                typed: root.method.typed,
                total: root.method.total
            });
        return root.method.kind === "none" ? "" : Strings.text("keyboard.hint_" + root.method.kind);
    }

    implicitHeight: root.converts ? preedit.height + line.height : Math.ceil(Theme.bodyPx * 2)

    KText {
        id: preedit

        width: parent.width
        height: Math.ceil(Theme.bodyPx * 1.5)
        leftPadding: Theme.mm(4)
        text: root.method.preedit
        tone: KText.Accent
        strong: true
        font.letterSpacing: 1
        wrapMode: Text.NoWrap
        elide: Text.ElideLeft
        verticalAlignment: Text.AlignVCenter
    }
    KText {
        anchors.fill: parent
        text: root.hint
        tone: KText.Secondary
        wrapMode: Text.NoWrap
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Theme.captionPx
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        visible: !root.composing && text !== ""
    }
    Item {
        id: line

        anchors.bottom: parent.bottom
        width: parent.width
        height: root.lineHeight
        visible: root.composing

        CandidateLine {
            method: root.method
            entries: !root.method.expanded && root.method.lines.length > 0 ? root.method.lines[0] : []
            lineHeight: root.lineHeight
            spacing: root.gap
            flat: true
        }
        KText {
            width: root.lineWidth
            height: parent.height
            leftPadding: Theme.mm(4)
            text: Strings.text("keyboard.unreadable")
            tone: KText.Secondary
            verticalAlignment: Text.AlignVCenter
            visible: root.method.candidates.length === 0
        }
        Row {
            spacing: root.gap
            visible: root.method.expanded

            KeyCap {
                objectName: "key_previous"
                width: more.width
                height: root.lineHeight
                fontPx: Theme.bodyPx
                text: Strings.text("keyboard.previous")
                enabled: root.method.page > 0
                onClicked: root.method.previous()
            }
            KText {
                width: Math.round(Theme.bodyPx * 8.5)
                height: root.lineHeight
                text: Strings.format("keyboard.page", {
                    page: root.method.page + 1,
                    pages: root.method.pages
                })
                tone: KText.Secondary
                wrapMode: Text.NoWrap
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: 8
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
            }
            KeyCap {
                objectName: "key_next"
                width: more.width
                height: root.lineHeight
                fontPx: Theme.bodyPx
                text: Strings.text("keyboard.next")
                enabled: root.method.page < root.method.pages - 1
                onClicked: root.method.next()
            }
        }
    }
    KeyCap {
        id: more

        objectName: "key_more"
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        width: Math.max(Theme.mm(24), Math.round(Theme.bodyPx * 4))
        height: root.lineHeight
        quiet: true
        fontPx: Theme.bodyPx
        text: root.method.expanded ? Strings.text("keyboard.fewer") : Strings.text("keyboard.more")
        visible: root.composing && (root.method.pages > 1 || root.method.expanded)
        onClicked: root.method.expand(root.method.expanded ? 1 : root.linesWhenExpanded)
    }
}
