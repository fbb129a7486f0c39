import QtQuick
import controls
import strings
import theme

// How large and in which colours; it changes at once, so that one sees what one chooses.
KSheet {
    id: root

    signal textSizePicked(string size)
    signal contrastPicked(string contrast)

    title: Strings.text("display.title")
    body: Strings.text("display.body")

    KChoice {
        width: parent.width
        label: Strings.text("display.size")
        options: ["standard", "large", "extra"].map(size => ({
                    value: size,
                    label: Strings.text("display.size_" + size)
                }))
        chosen: [Theme.textSize]
        onPicked: values => root.textSizePicked(values[0])
    }
    KChoice {
        width: parent.width
        label: Strings.text("display.contrast")
        options: ["calm", "high_light", "high_dark", "soft"].map(contrast => ({
                    value: contrast,
                    label: Strings.text("display.contrast_" + contrast)
                }))
        chosen: [Theme.contrast]
        onPicked: values => root.contrastPicked(values[0])
    }
    Item {
        width: parent.width
        height: Theme.mm(2)
    }
    KButton {
        kind: KButton.Primary
        text: Strings.text("display.done")
        width: parent.width
        height: Theme.mainTarget
        focus: true
        onClicked: root.visible = false
    }
}
