pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// The terminal can't serve anybody: where to go instead, and what staff have to mend.
KScreen {
    id: root

    title: Strings.text("out_of_service.title")
    lead: Strings.text("out_of_service.lead")

    KSection {
        width: parent.width
        topPadding: Theme.mm(20)
        title: Strings.text("out_of_service.staff")

        Repeater {
            model: root.view.sentences.length

            KText {
                required property int index

                width: root.columnWidth
                role: KText.Caption
                tone: KText.Secondary
                text: root.view.sentences[index] ?? ""
            }
        }
    }
}
