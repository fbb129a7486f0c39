pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import theme

// One answer of several: a ring for "one of them", a box for "any of them".
AbstractButton {
    id: root

    property bool many: false
    property bool ringed: false  // made when the keys first come here

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

    // every item of an option costs time whenever its page comes, seen or not
    onVisualFocusChanged: {
        if (root.visualFocus && !root.ringed)
            root.ringed = ring.createObject(root.background) !== null;
    }

    Component {
        id: ring

        KFocusRing {
            shown: root.visualFocus
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : Theme.surface
        border.width: root.checked ? Theme.focusRing * 0.75 : Math.max(2, Theme.mm(0.4))
        border.color: root.checked ? Theme.accent : Theme.line
    }

    contentItem: Item {
        KDrawing {
            id: mark

            name: root.many ? (root.checked ? "box_chosen" : "box") : root.checked ? "ring_chosen" : "ring"
            main: Theme.line
            ground: root.many && root.checked ? Theme.onAccent : Theme.surface
            width: Math.round(Theme.bodyPx * 1.15)
            height: width
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
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
