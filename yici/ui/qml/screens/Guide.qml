pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// One service item before it begins: what it costs, how long, what to bring and what not.
KScreen {
    id: root

    title: root.view.name
    lead: root.view.illustrative ? root.view.unit + "    " + Strings.text("guide.illustrative") : root.view.unit
    actions.primaryText: root.view.can_start ? Strings.text("guide.begin") : ""
    actions.onAdvanced: root.post("apply", {})

    KNotice {
        width: parent.width
        visible: !root.view.can_start
        kind: KNotice.Warn
        title: Strings.text("guide.not_here")
        body: root.view.cannot_start_reason
    }
    KPool {
        id: troubles

        wanted: root.view.troubles.length

        KNotice {
            required property int index

            visible: index < troubles.wanted
            width: root.columnWidth
            kind: KNotice.Warn
            body: root.view.troubles[index] ?? ""
        }
    }
    KList {
        width: parent.width

        KPool {
            id: facts

            wanted: root.view.facts.length

            KRow {
                required property int index
                readonly property var fact: root.view.facts[index]

                visible: index < facts.wanted
                width: root.columnWidth
                leads: false
                text: fact?.label ?? ""
                value: fact?.value ?? ""
                valueTone: KText.Main
                ruled: index < root.view.facts.length - 1
            }
        }
    }
    KSection {
        width: parent.width
        title: Strings.text("guide.materials")
        topPadding: Theme.mm(3)

        KList {
            width: parent.width

            KPool {
                id: materials

                wanted: root.view.materials.length

                KRow {
                    required property int index
                    readonly property var material: root.view.materials[index]

                    visible: index < materials.wanted
                    width: root.columnWidth
                    leads: false
                    text: material?.name ?? ""
                    detail: material?.detail ?? ""
                    value: material?.how_label ?? ""
                    drawing: "slip"
                    ruled: index < root.view.materials.length - 1
                }
            }
        }
    }
    KSection {
        width: parent.width
        title: Strings.text("guide.conditions")
        topPadding: Theme.mm(3)
        visible: root.view.conditions.length > 0

        KPool {
            id: conditions

            wanted: root.view.conditions.length

            KText {
                required property int index

                visible: index < conditions.wanted
                width: root.columnWidth
                text: root.view.conditions[index] ?? ""
            }
        }
    }
    KSection {
        width: parent.width
        title: Strings.text("guide.steps")
        topPadding: Theme.mm(3)
        visible: root.view.steps.length > 0

        KPool {
            id: steps

            wanted: root.view.steps.length

            Row {
                id: line

                required property int index

                visible: line.index < steps.wanted
                width: root.columnWidth
                spacing: Theme.mm(3)

                KText {
                    id: number

                    text: (line.index + 1) + "."
                    tone: KText.Accent
                    strong: true
                    width: Math.round(Theme.bodyPx * 1.3)
                }
                KText {
                    width: line.width - number.width - line.spacing
                    text: root.view.steps[line.index] ?? ""
                }
            }
        }
    }
    KNotice {
        width: parent.width
        visible: root.view.notices.length > 0
        title: Strings.text("guide.notices")
        body: root.view.notices.join("\n")
    }
    KSection {
        width: parent.width
        title: Strings.text("guide.questions")
        topPadding: Theme.mm(3)
        visible: root.view.questions.length > 0

        KPool {
            id: questions

            wanted: root.view.questions.length

            Column {
                id: question

                required property int index

                visible: question.index < questions.wanted
                width: root.columnWidth
                spacing: Theme.mm(1)

                KText {
                    width: parent.width
                    text: root.view.questions[question.index]?.q ?? ""
                    strong: true
                }
                KText {
                    width: Math.min(parent.width, Theme.measure)
                    text: root.view.questions[question.index]?.a ?? ""
                }
            }
        }
    }
    KText {
        width: parent.width
        text: root.view.window
        tone: KText.Secondary
    }
}
