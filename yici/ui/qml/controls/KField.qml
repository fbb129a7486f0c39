import QtQuick
import QtQuick.Controls.Basic
import theme

// One thing to type: its name, help beside it, the box, and what to do when it isn't right.
// `inputKind` tells the on-screen keyboard which keys to show: pinyin, latin, number, id_number,
// mobile, code, date or none.
FocusScope {
    id: root

    property string label
    property string help
    property string error
    property string placeholder
    property string inputKind: "pinyin"
    property int maximumLength: 200
    property alias text: input.text
    readonly property alias input: input
    readonly property bool wrong: root.error !== ""

    signal edited(string text)

    implicitHeight: column.implicitHeight

    Column {
        id: column

        width: parent.width
        spacing: Theme.mm(1.5)

        KText {
            width: parent.width
            text: root.label
            strong: true
            visible: text !== ""
            Accessible.ignored: true
        }
        KText {
            width: parent.width
            text: root.help
            visible: text !== ""
            role: KText.Caption
            tone: KText.Secondary
        }
        TextField {
            id: input

            property string inputKind: root.inputKind

            width: parent.width
            implicitHeight: Math.max(Theme.target, Math.round(Theme.bodyPx * 2.2))
            leftPadding: Theme.mm(4)
            rightPadding: Theme.mm(4)
            verticalAlignment: TextInput.AlignVCenter
            font.family: Theme.family
            font.pixelSize: Theme.bodyPx
            color: Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.onAccent
            placeholderText: root.placeholder
            placeholderTextColor: Theme.secondaryText
            maximumLength: root.maximumLength
            inputMethodHints: Qt.ImhNoPredictiveText | Qt.ImhSensitiveData
            focus: true
            // no menu with Paste: the clipboard may hold the previous person's number
            ContextMenu.menu: null

            Accessible.role: Accessible.EditableText
            Accessible.name: root.label === "" ? root.placeholder : root.label
            Accessible.description: root.wrong ? root.error : root.help
            Keys.onPressed: event => event.accepted = event.matches(StandardKey.Copy) || event.matches(StandardKey.Cut) || event.matches(StandardKey.Paste)
            onTextEdited: root.edited(text)

            background: Rectangle {
                radius: Theme.radius
                color: Theme.surface
                border.width: input.activeFocus ? Theme.focusRing : Math.max(2, Theme.mm(0.5))
                border.color: root.wrong ? Theme.danger : input.activeFocus ? Theme.accent : Theme.line
            }
        }
        Row {
            width: parent.width
            spacing: Theme.mm(2)
            visible: root.wrong

            KDrawing {
                id: sign

                name: "stop"
                main: Theme.danger
                accent: Theme.danger
                width: Math.round(Theme.bodyPx * 1.2)
                height: width
            }
            KText {
                width: parent.width - sign.width - parent.spacing
                text: root.error
                tone: KText.Danger
                strong: true
            }
        }
    }
}
