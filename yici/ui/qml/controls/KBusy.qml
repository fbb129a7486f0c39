pragma ComponentBehavior: Bound
import QtQuick
import theme

// "Wait": words, and three dots that take turns slowly; the words alone are enough.
Row {
    id: root

    property string text
    property int phase: 0

    spacing: Theme.mm(4)
    Accessible.role: Accessible.StatusBar
    Accessible.name: root.text

    Timer {
        interval: 700
        repeat: true
        running: root.visible && !Theme.isElder
        onTriggered: root.phase = (root.phase + 1) % 3
    }
    Row {
        spacing: Theme.mm(1.6)
        anchors.verticalCenter: parent.verticalCenter

        Repeater {
            model: 3

            Rectangle {
                required property int index

                width: Theme.mm(3)
                height: width
                radius: width / 2
                color: index === root.phase ? Theme.accent : Theme.rule
            }
        }
    }
    KText {
        text: root.text
        tone: KText.Secondary
        anchors.verticalCenter: parent.verticalCenter
        Accessible.ignored: true
    }
}
