import QtQuick
import strings
import theme

// Where am I, what time is it, and the ways to make the screen mine.
Rectangle {
    id: root

    property string hallName
    property string clock
    // stays calm when the text grows: the bar is furniture, the body is what is read
    readonly property real textPx: Math.min(Theme.bodyPx, Theme.mm(7.6))

    signal languageAsked
    signal displayAsked
    signal elderAsked

    implicitHeight: Theme.mm(22)
    color: Theme.surface

    Accessible.role: Accessible.ToolBar
    Accessible.name: root.hallName

    KDrawing {
        id: emblem

        name: "hall"
        width: Theme.mm(10)
        height: width
        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
    }
    KText {
        text: root.hallName
        strong: true
        font.pixelSize: root.textPx
        anchors.left: emblem.right
        anchors.leftMargin: Theme.mm(3)
        anchors.right: tools.left
        anchors.rightMargin: Theme.mm(3)
        anchors.verticalCenter: parent.verticalCenter
        elide: Text.ElideRight
        maximumLineCount: 2
        lineHeight: 0.85
    }
    Row {
        id: tools

        anchors.right: parent.right
        anchors.rightMargin: Theme.margin - Theme.mm(3)
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.gap * 0.7

        KText {
            text: root.clock
            tone: KText.Secondary
            font.pixelSize: root.textPx
            anchors.verticalCenter: parent.verticalCenter
            rightPadding: Theme.mm(2)
        }
        KButton {
            kind: KButton.Quiet
            text: Strings.text("bar.language")
            fontPx: root.textPx
            onClicked: root.languageAsked()
        }
        KButton {
            kind: KButton.Quiet
            text: Strings.text("bar.display")
            fontPx: root.textPx
            onClicked: root.displayAsked()
        }
        KButton {
            kind: KButton.Quiet
            text: Theme.isElder ? Strings.text("bar.standard") : Strings.text("bar.elder")
            fontPx: root.textPx
            onClicked: root.elderAsked()
        }
    }
    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Theme.mm(0.8)
        color: Theme.accent
    }
}
