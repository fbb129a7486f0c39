import QtQuick
import theme

// A line drawing from qml/drawings/, painted in the roles' colours (yici/ui/drawings.py).
Image {
    id: root

    required property string name
    property color main: Theme.text
    property color accent: Theme.accent
    property color ground: Theme.surface
    property string description

    function hex(value: color): string {
        return String(value).slice(-6);
    }

    source: root.name === "" ? "" : "image://drawing/" + [root.name, root.hex(root.main), root.hex(root.accent), root.hex(root.ground)].join("/")
    sourceSize.width: root.width
    sourceSize.height: root.height
    fillMode: Image.PreserveAspectFit

    Accessible.role: Accessible.Graphic
    Accessible.name: root.description
    Accessible.ignored: root.description === ""
}
