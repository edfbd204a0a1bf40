package voc

// Sentence is a stretch of one segment between sentence ends, the unit that
// tokenising, chunking and classifying work on.
type Sentence struct {
	Span      Span // bytes of Record.Text, without surrounding white space
	Segment   int  // index into Record.Segments
	FromToken int  // tokens [FromToken, ToToken)
	ToToken   int
}

// Token is one morpheme. Its surface is Text[Span.From:Span.To].
type Token struct {
	Span       Span
	Base       string // dictionary form, normalised (NFKC, lower case); the normalised surface if unknown
	Reading    string // katakana; empty if unknown
	POS        POS
	Inflection Inflection
	Known      bool // in the system or user dictionary
}

// POS is the part of speech by the IPA dictionary's first levels.
type POS uint8

// The parts of speech. Names follow the IPA dictionary (品詞体系).
const (
	OtherPOS       POS = iota
	Noun               // 名詞,一般
	NounVerbal         // 名詞,サ変接続
	NounAdj            // 名詞,形容動詞語幹 and ナイ形容詞語幹
	NounAdverbial      // 名詞,副詞可能
	NounProper         // 名詞,固有名詞 but those below
	NounPerson         // 名詞,固有名詞,人名
	NounPlace          // 名詞,固有名詞,地域
	NounOrg            // 名詞,固有名詞,組織
	NounNumber         // 名詞,数
	NounCounter        // 名詞,接尾,助数詞
	NounSuffix         // 名詞,接尾 (other)
	NounDependent      // 名詞,非自立 (こと, もの, の, ため, よう)
	NounPronoun        // 名詞,代名詞
	Verb               // 動詞,自立
	VerbDependent      // 動詞,非自立 (〜ている, 〜てくれる)
	VerbSuffix         // 動詞,接尾 (れる, られる, せる)
	Adjective          // 形容詞,自立
	AdjDependent       // 形容詞,非自立 and 接尾 (〜ほしい, 〜づらい, 〜っぽい)
	Adverb             // 副詞
	Adnominal          // 連体詞
	Conjunction        // 接続詞
	Interjection       // 感動詞
	Filler             // フィラー
	Prefix             // 接頭詞
	ParticleCase       // 助詞,格助詞
	ParticleTopic      // 助詞,係助詞 (は, も)
	ParticleConj       // 助詞,接続助詞
	ParticleAdverb     // 助詞,副助詞 and 副助詞／並立助詞／終助詞
	ParticleFinal      // 助詞,終助詞
	ParticlePara       // 助詞,並立助詞
	ParticleNoun       // 助詞,連体化 (の)
	ParticleOther      // 助詞, the rest
	Auxiliary          // 助動詞
	Period             // 記号,句点, also ! and ?
	Comma              // 記号,読点
	BracketOpen        // 記号,括弧開
	BracketClose       // 記号,括弧閉
	Symbol             // 記号, the rest
	Space              // 記号,空白
	Placeholder        // [電話] and its kin, put in by the masker
)

// IsNoun reports whether p is any noun but a dependent one or a suffix.
func (p POS) IsNoun() bool { return p >= Noun && p <= NounCounter || p == NounPronoun }

// IsContent reports whether a token of this kind bears meaning on its own.
func (p POS) IsContent() bool {
	switch p {
	case Noun, NounVerbal, NounAdj, NounAdverbial, NounProper, NounPerson, NounPlace, NounOrg, Verb, Adjective, Adverb:
		return true
	default:
		return false
	}
}

// IsParticle reports whether p is any particle.
func (p POS) IsParticle() bool { return p >= ParticleCase && p <= ParticleOther }

// Inflection is the conjugation form by the IPA dictionary.
type Inflection uint8

// The conjugation forms.
const (
	NotInflected Inflection = iota
	Basic                   // 基本形
	Continuative            // 連用形, also 連用タ接続 and 連用テ接続
	Irrealis                // 未然形 and its variants
	Attributive             // 体言接続
	Hypothetical            // 仮定形 and 仮定縮約
	Imperative              // 命令形 and its variants
	Garu                    // ガル接続
	Stem                    // 語幹 and the rest
)

// Bunsetsu is a phrase of Japanese syntax: content tokens and the function
// tokens that follow them.
type Bunsetsu struct {
	Sentence  int
	FromToken int // tokens [FromToken, ToToken) of Record.Tokens
	ToToken   int
	Head      int // token that bears the meaning, −1 if there is none
	Func      int // first function token, ToToken if there is none
	Link      int // index of the bunsetsu that this one depends on (係り先), −1 for the last of a sentence
}

// Modality is a set of the ways in which a predicate is said.
type Modality uint32

// The modalities that chunk finds. Several may hold.
const (
	Negated        Modality = 1 << iota // 〜ない; an even number of negations does not set it
	DoubleNegated                       // 〜ないことはない, 〜なくはない
	Wish                                // 〜てほしい, 〜たい, 〜を希望
	Request                             // 〜てください, 〜てもらえますか, 命令形, 〜しろ
	Suggestion                          // 〜べき, 〜たらよい, 〜ば便利
	Question                            // 〜か, ？, 教えてください
	Rhetorical                          // どうなっているのか, 何を考えて
	Condition                           // 〜なら, 〜たら, 〜ば, もし
	Hearsay                             // 〜そうだ, 〜らしい, 〜と聞いた
	Report                              // 〜とのこと, 〜と仰る: the operator reports the customer
	Benefactive                         // 〜てくれた, 〜ていただいた
	Adversative                         // 〜てしまった, 〜された
	Unable                              // potential and negative: 〜できない, 〜られない
	Past                                // 〜た
	Counterfactual                      // 〜ればよかった
	Concessive                          // 〜が, 〜けど, 〜のに, 〜は仕方ない
	Intensified                         // とても, かなり, 二度と
	Softened                            // 少し, やや
	Quoted                              // inside quotation brackets
	OperatorAction                      // in a note: what the operator did
)

// Has reports whether all of x hold.
func (m Modality) Has(x Modality) bool { return m&x == x }

// Clause is a predicate with its arguments, the unit in which voices are
// found.
type Clause struct {
	Sentence  int
	Span      Span // bytes of Record.Text
	FromToken int  // tokens [FromToken, ToToken)
	ToToken   int
	Predicate int // bunsetsu of the predicate, −1: a noun clause (体言止め)
	Args      []Argument
	Modality  Modality
}

// Argument is a bunsetsu that depends on a clause's predicate.
type Argument struct {
	Bunsetsu int
	Particle string // が を に で は も と から まで; empty: none
}
