import QtQuick
import theme

// A heading and what belongs to it.
Column {
    id: root

    property string title
    default property alias content: inner.data

    spacing: Theme.mm(3)

    KText {
        width: parent.width
        text: root.title
        role: KText.Heading
        visible: text !== ""
        Accessible.role: Accessible.Heading
    }
    Column {
        id: inner

        width: parent.width
        spacing: Theme.mm(3)
    }
}
