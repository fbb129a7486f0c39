import QtQuick
import theme

// A small whole number, by minus and plus.
Row {
    id: root

    property string label
    property int value: 0
    property int least: 0
    property int most: 99

    signal picked(int value)

    spacing: Theme.gap
    Accessible.role: Accessible.SpinBox
    Accessible.name: root.label

    KButton {
        text: "－"
        width: Theme.mainTarget
        leftPadding: 0
        Accessible.name: root.label + " −1"
        enabled: root.value > root.least
        onClicked: root.picked(root.value - 1)
    }
    KText {
        text: String(root.value)
        width: Theme.mm(20)
        role: KText.Heading
        horizontalAlignment: Text.AlignHCenter
        anchors.verticalCenter: parent.verticalCenter
    }
    KButton {
        text: "＋"
        width: Theme.mainTarget
        leftPadding: 0
        Accessible.name: root.label + " +1"
        enabled: root.value < root.most
        onClicked: root.picked(root.value + 1)
    }
}
