import QtQuick
import strings
import theme

// The ways on, always in the same place: end at the left, the main one at the right.
Rectangle {
    id: root

    property string note  // said at the left where nothing can be ended
    property string endText: Strings.text("action.end")
    property string backText: ""
    property string primaryText: ""
    property bool primaryEnabled: true
    property bool staffShown: Theme.isElder

    signal ended
    signal backed
    signal advanced
    signal staffCalled

    // a note that would need many lines beside the buttons stands above them
    readonly property real noteRoom: noteText.beside.right - noteText.beside.left
    readonly property bool noteAbove: noteText.visible && noteText.implicitWidth > root.noteRoom
    readonly property real aboveHeight: root.noteAbove ? noteText.height + Theme.mm(3) : 0
    readonly property real rowHeight: Math.max(Theme.mm(26), Theme.mainTarget + Theme.mm(6), noteText.visible && !root.noteAbove ? noteText.height + Theme.mm(6) : 0)
    // with large text the quiet ways get a row of their own
    readonly property real wanted: (end.visible ? end.implicitWidth : 0) + (staff.visible ? staff.implicitWidth + Theme.gap : 0) + (back.visible ? back.width + Theme.mm(5) : 0) + (primary.visible ? primary.width : 0)
    readonly property bool crowded: root.wanted + Theme.mm(5) > root.width - 2 * Theme.margin
    readonly property real quietY: root.aboveHeight + (root.crowded ? Theme.mm(3) : (root.rowHeight - Theme.mainTarget) / 2)
    readonly property real mainY: root.implicitHeight - root.rowHeight + (root.rowHeight - Theme.mainTarget) / 2

    implicitHeight: root.aboveHeight + (root.crowded ? root.rowHeight + Theme.mainTarget + Theme.gap : root.rowHeight)
    color: Theme.surface

    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        height: Theme.hairline
        color: Theme.line
    }
    KText {
        id: noteText

        readonly property var beside: ({
                left: staff.visible ? staff.x + staff.width + Theme.mm(6) : Theme.margin,
                right: (back.visible ? back.x : primary.visible ? primary.x : root.width) - Theme.margin
            })

        text: root.note
        role: KText.Caption
        tone: KText.Secondary
        visible: text !== ""
        x: root.noteAbove ? Theme.margin : beside.left
        y: root.noteAbove ? Theme.mm(4) : (root.height - height) / 2
        width: root.noteAbove ? root.width - 2 * Theme.margin : root.noteRoom
    }
    KButton {
        id: end

        kind: KButton.Quiet
        text: root.endText
        visible: text !== ""
        height: Theme.mainTarget
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin - leftPadding
        y: root.quietY
        onClicked: root.ended()
    }
    KButton {
        id: staff

        kind: KButton.Quiet
        text: Strings.text("action.staff")
        visible: root.staffShown
        height: Theme.mainTarget
        anchors.left: end.visible ? end.right : parent.left
        anchors.leftMargin: end.visible ? Theme.gap : Theme.margin - leftPadding
        y: root.quietY
        onClicked: root.staffCalled()
    }
    KButton {
        id: back

        kind: KButton.Secondary
        text: root.backText
        visible: text !== ""
        width: Math.max(implicitWidth, Theme.mm(38))
        height: Theme.mainTarget
        anchors.right: primary.visible ? primary.left : parent.right
        anchors.rightMargin: primary.visible ? Theme.mm(5) : Theme.margin
        y: root.mainY
        onClicked: root.backed()
    }
    KButton {
        id: primary

        kind: KButton.Primary
        text: root.primaryText
        visible: text !== ""
        enabled: root.primaryEnabled
        width: Math.max(implicitWidth, Theme.mm(70))
        height: Theme.mainTarget
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        y: root.mainY
        onClicked: root.advanced()
    }
}
