pragma ComponentBehavior: Bound
import QtQuick
import strings
import theme

// Where one is: "Step 3 of 6" in words, and the same as dots.
Row {
    id: root

    property int step: 1
    property int count: 1

    spacing: Theme.mm(4)
    Accessible.role: Accessible.ProgressBar
    Accessible.name: label.text

    KText {
        id: label

        text: Strings.format("task.step", {
            step: root.step,
            count: root.count
        })
        role: KText.Caption
        tone: KText.Secondary
        wrapMode: Text.NoWrap
        anchors.verticalCenter: parent.verticalCenter
        Accessible.ignored: true
    }
    Row {
        spacing: Theme.mm(1.6)
        anchors.verticalCenter: parent.verticalCenter

        Repeater {
            model: root.count

            Rectangle {
                required property int index
                readonly property bool passed: index < root.step

                width: Theme.mm(3)
                height: width
                radius: width / 2
                color: passed ? Theme.accent : "transparent"
                border.width: Math.max(2, Theme.mm(0.5))
                border.color: passed ? Theme.accent : Theme.line
            }
        }
    }
}
