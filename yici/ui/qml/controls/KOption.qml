import QtQuick
import QtQuick.Controls.Basic
import theme

// One answer of several: a ring for "one of them", a box for "any of them".
AbstractButton {
    id: root

    property bool many: false

    checkable: true
    implicitWidth: label.implicitWidth + Theme.bodyPx * 1.4 + Theme.mm(14)
    implicitHeight: Math.max(Theme.target, label.implicitHeight + topPadding + bottomPadding)
    leftPadding: Theme.mm(4)
    rightPadding: Theme.mm(4)
    topPadding: Theme.mm(2.5)
    bottomPadding: Theme.mm(2.5)
    focusPolicy: Qt.TabFocus

    Accessible.role: root.many ? Accessible.CheckBox : Accessible.RadioButton
    Accessible.name: root.text
    Accessible.checkable: true
    Accessible.checked: root.checked
    Accessible.focusable: true
    Accessible.onPressAction: root.click()
    Accessible.onToggleAction: root.click()

    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : Theme.surface
        border.width: root.checked ? Theme.focusRing * 0.75 : Math.max(2, Theme.mm(0.4))
        border.color: root.checked ? Theme.accent : Theme.line

        KFocusRing {
            shown: root.visualFocus
        }
    }

    contentItem: Item {
        Rectangle {
            id: mark

            width: Math.round(Theme.bodyPx * 1.15)
            height: width
            radius: root.many ? Theme.mm(0.8) : width / 2
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
            color: root.checked && root.many ? Theme.accent : Theme.surface
            border.width: Math.max(2, Theme.mm(0.6))
            border.color: root.checked ? Theme.accent : Theme.line

            Rectangle {
                anchors.centerIn: parent
                width: parent.width * 0.52
                height: width
                radius: width / 2
                color: Theme.accent
                visible: root.checked && !root.many
            }
            KDrawing {
                anchors.fill: parent
                name: "check"
                main: Theme.onAccent
                visible: root.checked && root.many
            }
        }
        KText {
            id: label

            anchors.left: mark.right
            anchors.leftMargin: Theme.mm(4)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            text: root.text
            strong: root.checked
            Accessible.ignored: true
        }
    }
}
