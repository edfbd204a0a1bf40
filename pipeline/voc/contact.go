package voc

import "time"

// Channel is the way a contact came in.
type Channel string

// The channels of contact schema v1.
const (
	ChannelCall   Channel = "call"
	ChannelChat   Channel = "chat"
	ChannelMail   Channel = "mail"
	ChannelForm   Channel = "form"
	ChannelSNS    Channel = "sns"
	ChannelSurvey Channel = "survey"
	ChannelVideo  Channel = "video"
)

// Channels lists every channel in the order of the schema.
func Channels() []Channel {
	return []Channel{ChannelCall, ChannelChat, ChannelMail, ChannelForm, ChannelSNS, ChannelSurvey, ChannelVideo}
}

// Direction tells who began the contact.
type Direction string

// The directions; empty means not said.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// Speaker is the role of a turn.
type Speaker string

// The speakers of a turn. Only Customer can utter a voice.
const (
	Customer Speaker = "customer"
	Agent    Speaker = "agent"
	Bot      Speaker = "bot"
	System   Speaker = "system"
)

// Contact is one contact of a customer, as decoded and not yet masked (contact
// schema v1). Every string from outside is Raw. What the customer said (Turns,
// Parts, Text) and what the operator wrote (Note, Answer) are kept apart.
type Contact struct {
	ID     Raw // unique within Source
	Source Raw // the system it came from

	Channel   Channel
	Direction Direction

	OccurredAt time.Time // zero: not given, the message's time stands in
	EndedAt    time.Time // zero: not given
	UpdatedAt  time.Time // zero: not given

	CustomerKey Raw
	ThreadID    Raw
	Product     Raw
	Lot         Raw
	Shop        Raw
	Queue       Raw
	AgentKey    Raw
	Categories  []Raw // the centre's own paths, "配送/遅延"
	Disposition Raw
	Attrs       []RawAttr // sorted by Name

	NPS      *int // 0 to 10
	CSAT     *int // 1 to 5
	Handling Handling

	Turns  []RawTurn
	Note   Raw // the operator's
	Answer Raw // what was replied: never a voice
	Parts  []RawPart
	Text   Raw
}

// RawAttr is a declared attribute of a contact.
type RawAttr struct{ Name, Value Raw }

// RawTurn is one turn of a conversation.
type RawTurn struct {
	Speaker Speaker
	At      time.Time // zero: not given
	Text    Raw
}

// RawPart is a question of a form or survey and its answer.
type RawPart struct{ Question, Text Raw }

// Handling holds the metrics of handling a contact; nil means not measured.
// All but Transfers are whole seconds.
type Handling struct {
	Wait      *int `json:"wait_seconds,omitempty"`
	Talk      *int `json:"talk_seconds,omitempty"`
	Hold      *int `json:"hold_seconds,omitempty"`
	AfterCall *int `json:"after_call_seconds,omitempty"`
	Transfers *int `json:"transfers,omitempty"`
}

// Empty reports whether the contact has no words at all: no turn, note,
// answer, part or text that holds more than nothing.
func (c *Contact) Empty() bool {
	for i := range c.Turns {
		if !c.Turns[i].Text.Empty() {
			return false
		}
	}
	for i := range c.Parts {
		if !c.Parts[i].Text.Empty() {
			return false
		}
	}
	return c.Note.Empty() && c.Answer.Empty() && c.Text.Empty()
}
