/**
 * Every word that readers see, on pages and in mails, in English. Another language is a file like this one, of the type
 * `Words`; what it leaves out does not compile. A sentence with something in it is a function, and gives its parts in
 * order: what a page or mail puts there, a link or words in bold, is handed in, so that a translator may move it.
 *
 * Not in here: names and phrases of topics (src/topics.json), faults of what was typed as a topic or a search
 * (src/domain), and what operators see.
 */

/** A sentence in its parts: words, and what was handed in. */
export type Parts<T> = (string | T)[];

/** Sets words as a link or a button does. */
type Put<T> = (words: string) => T;

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** 1,234,567, the same on every machine. */
function thousands(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

function count(n: number, noun: string, space = ' '): string {
  return `${thousands(n)}${space}${n === 1 ? noun : `${noun}s`}`;
}

/** A number stays on the line of what it counts. */
const together = '\u00a0';

/** "A", "A and B", "A, B and C". */
function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const noAddress = 'This is not an address we can write to; it looks like you@university.edu.';
const moreLikeThis = 'More like this';
const changeTopics = 'Change topics and time';
const notYou = 'It was not you? Then do nothing: without the click no other mail comes.';
const takeBack = 'Take it back';

export const english = {
  /** BCP 47, as `lang` takes it. */
  language: 'en',
  name: 'Broadsheet',
  promise: 'The research papers that matter to you, once a day',

  dates: {
    months,
    weekdays,
    /** "12 December", "12 December 2024". */
    day: (day: number, month: number, year?: number) =>
      `${day} ${months[month]}${year === undefined ? '' : ` ${year}`}`,
    /** "Friday, 12 December". `weekday` counts from Monday, 0. */
    weekday: (weekday: number, date: string) => `${weekdays[weekday]}, ${date}`,
    month: (month: number, year: string) => `${months[month]} ${year}`,
    week: (week: number, year: string, from: string, to: string) =>
      `Week ${week} of ${year}, ${from} to ${to}`,
    weekdayShort: (weekday: number) => weekdays[weekday]!.slice(0, 3),
  },

  numbers: {
    thousands,
    papers: (n: number) => count(n, 'paper'),
    comments: (n: number) => count(n, 'comment', together),
    votes: (n: number) => `▲${together}${thousands(n)}`,
    authors: (n: number) => `${thousands(n)} authors`,
  },

  places: {
    /** "in Paris". */
    city: (city: string) => `in ${city}`,
    /** "EST time", for zones that name no city. */
    zone: (zone: string) => `${zone} time`,
  },

  /** Where papers come from. */
  sources: {
    huggingface: 'Hugging Face',
    arxiv: 'arXiv',
    sample: 'the sample edition',
    file: 'a file',
  },

  /** One paper, in mails and on pages. */
  paper: {
    untitled: 'Untitled',
    read: 'Read',
    pdf: 'PDF',
    code: 'Code',
    project: 'Project',
    picture: 'Picture of the paper',
    moreLikeThis,
    moreOrLess: 'More like this, or less',
    less: 'Less',
    twoAuthors: (names: readonly string[]) => names.join(' and '),
    noReason: 'From the day’s list',
    featured: ' · an editor’s pick',
    editorNote: 'From the editor:',
    inTitle: ' · in the title',
    liked: (title: string) => `Because you liked “${title}”`,
  },

  slots: {
    at: (hour: string, place: string, days: string) => `at ${hour} ${place}${days}`,
    weekdays: ' on weekdays',
    weekends: ' at weekends',
    onDays: (days: readonly number[]) => ` on ${listed(days.map((day) => `${weekdays[day]}s`))}`,
    butDays: (days: readonly number[]) => ` on every day but ${listed(days.map((day) => weekdays[day]!))}`,
    everyDay: 'every day',
  },

  digest: {
    todaysPapers: 'Today’s papers',
    andMore: (n: number) => `, and ${n} more`,
    welcomeSubject: 'Welcome: ',
    welcomeDay: (dayline: string) => `Welcome · ${dayline}`,
    /** `remarks` say which lists of the day before were not whole. */
    day: (day: string, papers: number, chosenFrom: number, remarks: readonly string[]) => {
      const behind = remarks.length > 0 ? ` (${remarks.join('; ')})` : '';
      if (papers === 0) return `${day} · nothing new for you among ${thousands(chosenFrom)} papers${behind}`;
      return `${day} · ${count(papers, 'paper')} for you, chosen from ${thousands(chosenFrom)}${behind}`;
    },
    partial: 'the day’s list was not complete',
    aTopic: 'a topic',
    youGetThis: (slotLine: string) => `You get this ${slotLine}`,
    /** How the topics are strung together behind `youGetThis`: on one line, and in text one a line. */
    because: {
      html: { before: ' because you follow ', between: ', ', last: ' and ', after: '', none: '' },
      text: { before: ',\nbecause you follow\n  ', between: '\n  ', last: '\n  ', after: '\n', none: '.\n' },
    },
    moreTopics: (n: number) => `${n} more`,
    /** The full stop ends the sentence of the topics. */
    htmlEnd: '. We count nothing you read.',
    textEnd: 'We count nothing you read.',
    changeTopics,
    viewInBrowser: 'View in browser',
    unsubscribe: 'Unsubscribe',
    empty: {
      subject: 'No new papers for you today',
      sentences: [
        'Of the papers known today, none that you have not had matches what you follow.',
        'More topics, or wider ones, would change that. You asked to be told of such days; under “Change topics and time” you can have silence instead.',
      ],
    },
  },

  notices: {
    unsubscribe: 'Unsubscribe',
    topics: {
      none: 'on whatever is trending',
      hidden: (n: number) => (n === 1 ? 'on your topic' : `on your ${n} topics`),
      /** `isNoted`: each brings its own little word, like "by Yann LeCun". */
      listed: (shown: readonly string[], more: number, isNoted: boolean) =>
        `${isNoted ? '' : 'on '}${listed(more > 0 ? [...shown, `${more} more`] : shown)}`,
    },
    confirm: {
      subject: 'Confirm your Broadsheet subscription',
      preview: (topics: string, slotLine: string) => `One click, and the papers ${topics} come ${slotLine}.`,
      title: 'One click, and it begins',
      asked: <T>(topics: T, slotLine: string): Parts<T> => [
        'You asked for the research papers ',
        topics,
        `, ${slotLine}. Confirm that it was you`,
      ],
      button: 'Confirm my subscription',
      doubt: notYou,
    },
    welcome: {
      subject: 'Welcome to Broadsheet',
      preview: (firstDigest: string) => `The first digest comes ${firstDigest}.`,
      title: 'Welcome',
      fromNowOn: <T>(topics: T, firstDigest: string): Parts<T> => [
        'From now on the research papers ',
        topics,
        ` come to you. The first digest comes ${firstDigest}`,
      ],
      quietDays: 'a day without new papers for you is a day without mail.',
      underEach: <T>(bold: Put<T>): Parts<T> => [
        'A day without new papers for you is a day without mail. Under each paper you find ',
        bold(moreLikeThis),
        ' and ',
        bold('Less'),
        ': both change the next digest.',
      ],
      button: changeTopics,
      nothingCounted: 'We count nothing you read.',
    },
    link: {
      subject: 'Your Broadsheet link',
      title: 'Your link',
      sentence:
        'You asked for a fresh link to your topics. Here it is; links in older mails may have stopped working.',
      button: changeTopics,
      doubt: 'It was not you? Then do nothing: nothing has changed.',
    },
    account: {
      subject: 'Your Broadsheet data',
      title: 'Your data',
      sentence:
        'This link lets you change the address of your digest, take with you what we keep of you, or have it erased. It works for a day.',
      button: 'Open my data',
      doubt: 'It was not you? Then do nothing: nothing has changed, and without the link nothing will.',
    },
    move: {
      subject: 'Confirm your new address for Broadsheet',
      title: 'Is this your new address?',
      sentence:
        'Somebody asked that their Broadsheet digest come to this address from now on. Confirm that it was you.',
      button: 'Use this address',
      doubt: notYou,
    },
  },

  /** What every page has, and the pages that nobody wanted to see. */
  site: {
    feedTitle: 'Broadsheet: the day’s papers',
    todaysPapers: 'Today’s papers',
    search: 'Search',
    feed: 'Feed',
    whatWeKeep: 'What we keep',
    archive: 'Archive',
    sections: { day: 'Day', week: 'Week', month: 'Month', trending: 'Trending', search: 'Search' },
    wentWrong: 'That did not work',
    sorry: 'Sorry',
    ourFault: 'Something broke on our side, and nothing was changed. Please try again in a minute.',
    tooLarge: 'Too large',
    tooLargeForm: 'That form is larger than anything we ask for, so it was not read.',
    unreadableForm: 'The form could not be read; please go back and send it again.',
    notFound: 'There is no such page',
    cutOff: <T>(link: Put<T>): Parts<T> => [
      'The address may have been cut off. ',
      link('Today’s papers'),
      ' are on the front page.',
    ],
  },

  front: {
    papersOf: (day: string) => `Papers of ${day}`,
    day: (day: string, papers: number, state: string) => `${day} · ${count(papers, 'paper')} · ${state}`,
    nothing: 'Nothing was listed on this day.',
    nothingOfTopic: 'Nothing of this topic was listed on this day.',
    otherDays: 'Other days',
    soFar: (weekday: number) => `${weekdays[weekday]} so far`,
    noPapersYet: 'No papers yet',
    papersOfTheDay: 'Papers of the day',
    onItsWay: 'The first list of papers is still on its way. Look again in a minute.',
    list: {
      unread: 'the list is being read',
      complete: (source: string) => `${source}, list closed`,
      open: (source: string) => `${source}, list still open`,
      partial: (source: string) => `${source}, list not read to its end`,
      stale: (source: string) => `${source}, list older than the day`,
      holiday: (source: string) => `${source} had no list`,
      failed: (source: string) => `${source} could not be read`,
    },
  },

  archive: {
    papersOf: (stretch: string) => `Papers of ${stretch}`,
    day: (stretch: string, papers: number) => `${stretch} · ${count(papers, 'paper')}`,
    nothing: (section: 'week' | 'month', isOfTopic: boolean) =>
      `Nothing ${isOfTopic ? 'of this topic ' : ''}was listed in this ${section}.`,
    others: { week: 'Other weeks', month: 'Other months' },
    trending: 'Trending',
    trendingDay: (papers: number) =>
      `Trending · ${count(papers, 'paper')} of the last two weeks, by votes for their age`,
    trendingPapers: 'Trending papers',
    nothingTrending: 'Nothing was listed in the last two weeks.',
  },

  list: {
    nothing: 'Nothing was listed here.',
    sorts: { votes: 'most votes', trending: 'trending', newest: 'newest' },
    allTopics: 'All topics',
    oneTopic: 'One topic',
    pages: 'Pages of this list',
    page: (page: number) => `Page ${page}`,
    pageOf: (page: number, pages: number, papers: number) =>
      `Page ${page} of ${pages}, ${count(papers, 'paper')}`,
    wholeAbstract: 'The whole abstract',
    ofPaper: (title: string) => ` of ${title}`,
  },

  paperPage: {
    withdrawn: 'This paper was withdrawn.',
    abstract: 'Abstract',
    topics: 'Topics',
    listed: 'Listed',
    categories: 'Categories',
    arxiv: 'arXiv',
    version: (version: number) => `, version ${version}`,
    follow: 'Get papers like this by mail',
    moreAuthors: (n: number) => ` and ${n} more`,
    moreLikeThis,
  },

  search: {
    title: 'Search',
    titleOf: (typed: string) => `Search: ${typed}`,
    found: (papers: number, andMore: boolean) =>
      `${count(papers, 'paper')}${andMore ? ' and more' : ''} found`,
    label: 'Words, names, topics, dates',
    button: 'Search',
    like: <T>(example: Put<T>): Parts<T> => [
      'Like ',
      example('flow matching'),
      ', ',
      example('"world model" -video'),
      ', ',
      example('author:"Kaiming He"'),
      ', ',
      example('org:Apple'),
      ', ',
      example('category:cs.RO'),
      ', ',
      example('topic:robotics'),
      ', ',
      example('after:2025-11'),
      ', ',
      example('before:2026'),
      '.',
    ],
    nothingToLookFor: 'There is nothing to look for in that.',
    tookTooLong: 'That is too wide a question to answer in time. One more word would help.',
    onlyCommonWords: 'These words are in nearly every paper; add one that is not.',
    nothingFound: 'No paper has all of that. Fewer words, or a part of a name, find more.',
    follow: 'Follow this search',
    followEnd: 'and get what is new by mail',
  },

  /** Forms that choose. */
  choices: {
    topics: 'Topics',
    rates: 'The figures say how many papers a day each had last week.',
    aDay: ' a day',
    phrases: 'Your own words, one topic a line',
    phrasesLike: <T>(example: Put<T>): Parts<T> => [
      'Like ',
      example('protein folding'),
      ', ',
      example('"world model" robot'),
      ', ',
      example('diffusion -image'),
      ' or ',
      example('category: cs.RO'),
      '. Without any topic you get what is most talked about.',
    ],
    find: 'Find a topic',
    otherTopics: 'Others',
    authors: 'People, one a line',
    authorsLike: <T>(example: Put<T>): Parts<T> => ['Like ', example('Yann LeCun'), '.'],
    organizations: 'Organisations, one a line',
    organizationsLike: <T>(example: Put<T>): Parts<T> => ['Like ', example('DeepMind'), '.'],
    likes: 'Papers to find more of, one a line',
    likesLike: <T>(example: Put<T>): Parts<T> => ['Paste links of arXiv, or ', example('2511.20462'), '.'],
    more: 'More of these than of the others',
    muted: 'Never, one topic a line',
    mutedHint: 'A paper that matches one of these does not come, whatever else it matches.',
    hour: 'Hour',
    timeZone: 'Time zone',
    days: 'Days',
    daysHint: 'One day alone makes it a weekly best-of.',
    maxPapers: 'Papers a day, at most',
    layout: 'Each paper with',
    layouts: { abstracts: 'its first sentences', titles: 'its title alone' },
    format: 'As',
    formats: { html: 'a set page, with a picture', text: 'plain text' },
    emptyDays: 'A day without papers brings',
    emptyDaysWays: { silence: 'no mail', note: 'a note that says so' },
    snooze: 'Nothing before this day',
    snoozeHint:
      'For a holiday. The first digest after it is the best of the last two weeks. Empty: no break.',
    address: 'Your address',
    addressLike: 'you@university.edu',
    trap: 'Leave this empty',
    faults: {
      noAddressTyped: 'Type the address that the papers should go to.',
      noAddress,
      timeZone: 'This time zone is not known here; choose one from the list.',
      hour: 'Choose an hour from 0 to 23.',
      maxPapers: (most: number) => `Choose a number from 1 to ${most}.`,
      days: 'Choose at least one day.',
      either: 'Choose one of the two.',
      snoozeDate: 'Write the day like 2026-04-30, or leave it empty.',
      snoozeFar: 'That is more than a year away; unsubscribing would be plainer.',
      both: (topic: string) => `“${topic}” is among your topics as well; it can only be one of the two.`,
      tooManyTopics: (most: number, n: number) => `At most ${most} topics, please; there are ${n}.`,
      topic: (topic: string, fault: string) => `“${topic}” ${fault}.`,
    },
  },

  subscribe: {
    /** What somebody who presses the button agrees to; kept with their consent. */
    consent: 'The papers that matter to you, once a day',
    button: 'Subscribe',
    choose: 'Choose topics and time',
    preview: 'Show what I would get',
    title: 'Subscribe',
    almost: 'Almost',
    wouldGet: 'What you would get',
    anotherLook: 'Something in the form needs another look. Everything you typed is still here.',
    look: 'Look in your inbox',
    onItsWay: <T>(address: T): Parts<T> => [
      'A mail is on its way to ',
      address,
      '. Press its button and your digest begins, with the first one at once; until then nothing else comes.',
    ],
    nothingThere: <T>(link: Put<T>): Parts<T> => [
      'Nothing there after a few minutes? Look among the spam, or see whether the address above is right and ',
      link('ask once more'),
      '.',
    ],
    localMail: <T>(link: Put<T>): Parts<T> => [
      'This copy keeps all mail on this machine: ',
      link('open the mailbox'),
      '.',
    ],
    wouldHaveGot: (papers: number) =>
      `You would have got ${papers === 1 ? 'this one' : `these ${papers}`} from the newest lists`,
    amounts: (topics: readonly { name: string; papersADay: number }[]) => {
      const rate = (n: number) => (n === 0 ? 'none' : n < 1 ? '<1' : String(Math.round(n)));
      const each = topics.map(({ name, papersADay }) => `${name} ${rate(papersADay)}`);
      return `Papers a day in the last week: ${each.join(', ')}.`;
    },
    nothingMatches:
      'No paper of the last two weeks matches that. More topics, or wider ones, would change it.',
    tooMany: 'Too many at once',
    tooManyForms: (isOfNetwork: boolean) =>
      `So many forms came ${isOfNetwork ? 'from your network' : 'at once'} that this one was set aside. Please try again in 10 minutes.`,
  },

  confirm: {
    title: 'One press, and it begins',
    willSend: <T>(address: T, slotLine: string): Parts<T> => [
      'Broadsheet will send one mail to ',
      address,
      ` ${slotLine}, with the research papers that matter to you. You can change or end that in any of them.`,
    ],
    button: 'Start my digest',
    notYou: 'You did not ask for this? Close the page; nothing will come.',
    done: 'You are subscribed',
    firstPapers: <T>(address: T, next: string): Parts<T> => [
      'The first papers are on their way to ',
      address,
      `. ${next}`,
    ],
    welcome: <T>(address: T, next: string): Parts<T> => ['A welcome is on its way to ', address, `. ${next}`],
    digestComes: (slotLine: string) => `Your digest comes ${slotLine}.`,
    choose: 'Choose topics, time and amount',
  },

  stale: {
    title: 'This link does not open anything',
    why: 'It may have been cut off on its way, or stem from a mail that was passed on. The links in your own newest digest work. Or let us send you a fresh one:',
    button: 'Send me a link',
  },

  next: {
    comes: (day: string, time: string, place: string) =>
      `Your next digest comes ${day}, at ${time} ${place}.`,
    today: (day: string) => `today, ${day}`,
    on: (day: string) => `on ${day}`,
    clocks: (day: string, isForward: boolean, minutes: number, consequence: string) => {
      const stretch = minutes === 60 ? 'an hour' : minutes === 30 ? 'half an hour' : `${minutes} minutes`;
      return `On ${day} the clocks go ${isForward ? 'forward' : 'back'} ${stretch}. ${consequence}`;
    },
    skipped: (time: string, wanted: string) =>
      `A digest of that day comes at ${time}, because there is no ${wanted}.`,
    repeated: (wanted: string) => `${wanted} comes twice that day; the digest comes once, the first time.`,
    unmoved: (wanted: string) => `Your digest still comes at ${wanted}.`,
  },

  preferences: {
    title: 'Your topics and time',
    for: (address: string) => `For ${address}`,
    feedTitle: 'Your digests',
    unsubscribe: 'Unsubscribe',
    save: 'Save',
    preview: 'Preview',
    nothingSaved: 'Nothing was saved yet: something below needs another look.',
    notices: {
      saved: 'Saved.',
      preview: 'Not saved yet: this is what these choices would bring.',
      taste: 'Taken back. It counts from your next digest on.',
      feed: 'The old feed has ended. The new one is below.',
      mailed: 'A mail with a link to your data is on its way. The link works for a day.',
    },
    seeIt: 'See it',
    complained: 'A digest was marked as spam here, so none comes any more.',
    left: 'You are unsubscribed; no digest comes.',
    startAgain: 'Start again',
    bounced: 'Your mail server sent our mails back, so none goes out to this address any more.',
    unconfirmed: 'Nothing comes yet: please press the button in the confirmation mail.',
    next: 'Your next digest',
    wouldBe: 'What a digest would be',
    unsaved: 'With the choices on this page, not saved yet.',
    nothingBefore: (day: string) => `Nothing comes before ${day}.`,
    /** Keys, like `arxiv:2511.20462`. */
    waiting: (papers: readonly string[]) =>
      `${listed(papers)} ${papers.length === 1 ? 'is' : 'are'} not known here yet; arXiv is asked within the hour.`,
    cannotShow: 'It cannot be shown at the moment.',
    nothingNew:
      'No paper known so far matches that you have not had. On a day without any, no mail comes. More topics, or wider ones, would change that.',
    fromNow: 'From the papers known now; newer ones may change it.',
    wholeMail: 'See the whole mail',
    taste: {
      title: 'What you said of papers',
      rule: 'Each “More like this” makes the topics of that paper count a tenth more, each “Less” a tenth less; never beyond half or one and a half. A paper you wanted less of does not come at all.',
      nothing: 'Nothing yet. The links are under each paper of a digest.',
      now: (weights: readonly { name: string; weight: number }[]) =>
        `Now ${weights.map(({ name, weight }) => `${name} × ${weight.toFixed(1)}`).join(', ')}.`,
      says: { more: 'More', less: 'Less' },
      takeBack: 'take back',
      ofPaper: (title: string) => ` what you said of ${title}`,
      forget: 'Forget all of it',
    },
    feed: {
      title: 'Your digests as a feed',
      address: <T>(link: Put<T>): Parts<T> => [
        link('This address'),
        ' is for your feed program (Atom). Whoever has it can read your digests, and do nothing else.',
      ],
      renew: 'End it and make a new one',
    },
    data: {
      title: 'Your address and your data',
      why: 'To change your address, take everything we keep of you with you, or have it erased, we mail you a link of its own: this page’s may stand in a mail that you passed on.',
      button: 'Mail me that link',
    },
  },

  whyNot: {
    title: 'Why not that one?',
    back: 'Back to your topics',
    label: 'A paper you miss here (its title, arXiv number or address)',
    ask: 'Why not?',
    unknown:
      'We do not know that paper: no list that we read has held it so far, or its title is another one. Its arXiv number, like 2511.20462, is the surest way to name it.',
    several: 'Several papers fit. Which one do you mean?',
    comes: (place: number) => `It comes: it is number ${place} of your next digest.`,
    seen: 'You had it already, in a digest of the last days, and no paper comes twice.',
    refused: 'You asked to see less of it, so it does not come.',
    muted: (topic: string) => `It belongs to “${topic}”, of which you want nothing.`,
    withdrawn: 'It was withdrawn.',
    unlisted: 'We know of it, but no list has held it so far.',
    not_yet: 'It is on a list whose day is not over yet. Once that list is complete, it can come.',
    too_old: 'It was listed more than two weeks ago; digests bring newer ones.',
    no_topic: 'It matches none of your topics. Follow its words, an author of it, or papers like it.',
    twin: (title: string) => `It is nearly the same as “${title}”, which comes.`,
    crowded:
      'Its authors or its organisation have their share of this digest already, and others come as well.',
    behind: (place: number | undefined) =>
      place === undefined
        ? 'It matches, but many others count more: how well they match, how many votes they have, how new they are.'
        : `It is number ${place} for you: others match better, have more votes or are newer. It stays in line for two weeks, and a longer digest would bring it sooner.`,
  },

  taste: {
    more: 'Papers like this one will come more often: each of its topics counts a tenth more.',
    less: 'Papers like this one will come less often, each of its topics counts a tenth less; and this one not again.',
    buttons: { more: moreLikeThis, less: 'Less like this' },
    orNothing: 'Or nothing of a topic any more',
    orNothingHint: 'A paper that belongs to it does not come then, whatever else it matches.',
    mute: (topic: string) => `Mute ${topic}`,
    noted: { more: 'More of these will come', less: 'Fewer of these will come' },
    notedFor: <T>(title: T, link: Put<T>): Parts<T> => [
      'Noted for ',
      title,
      '. It counts from your next digest on; ',
      link('see what it changes'),
      '.',
    ],
    takeBack,
    muted: (topic: string) => `${topic} is muted`,
    mutedNow: <T>(link: Put<T>): Parts<T> => [
      'No paper of it comes from your next digest on. It stands among ',
      link('your topics and time'),
      '.',
    ],
    takenBack: 'Taken back',
    asBefore: <T>(topic: T, link: Put<T>): Parts<T> => [
      topic,
      ' is as it was before. See ',
      link('your topics and time'),
      '.',
    ],
    noLonger: <T>(title: T): Parts<T> => ['What you said of ', title, ' no longer counts.'],
    whichPaper: 'Which paper?',
    noPaper: 'This link names no paper that we know; it may have been cut off. The one in your digest works.',
  },

  unsubscribe: {
    title: 'Unsubscribe?',
    noMore: <T>(address: T): Parts<T> => ['No more digests will go to ', address, '.'],
    button: 'Unsubscribe',
    orChange:
      'Too many papers, or the wrong ones? The link to change topics and time is at the foot of every digest.',
    done: 'You are unsubscribed',
    thanks: 'Nothing more will come. Thank you for reading.',
    slip: <T>(button: Put<T>, days: number): Parts<T> => [
      'That was a slip? ',
      button('Start again'),
      `, with everything as it was. This works for ${days} days.`,
    ],
    back: 'Welcome back',
    asItWas: <T>(address: T, next: string): Parts<T> => [
      'Everything is as it was, for ',
      address,
      `. ${next}`,
    ],
    anew: 'Please subscribe anew',
    cannotReturn: <T>(link: Put<T>): Parts<T> => [
      'This subscription cannot be brought back from here, or no longer. ',
      link('Ask for a new one'),
      '; it takes a minute.',
    ],
  },

  viewed: {
    gone: 'This digest is not here',
    why: <T>(link: Put<T>): Parts<T> => [
      'The link may have been cut off, or the digest is so old that it was let go. ',
      link('Today’s papers'),
      ' are.',
    ],
  },

  account: {
    title: 'Your address and your data',
    noAddress,
    tooMany:
      'So many forms came from your network that this one was set aside. Please try again in ten minutes.',
    take: 'Take it with you',
    everything: <T>(address: T): Parts<T> => ['Everything we keep of ', address, ', as one JSON file.'],
    download: 'Download',
    move: 'Move to another address',
    newAddress: 'The new address; we ask it first',
    ask: 'Ask it',
    erase: 'Be erased',
    eraseWhat:
      'Your address, topics, tastes and digests go for good. One keyed hash of the address stays, from which nobody can read it: that is how we keep from ever writing to it again.',
    eraseButton: 'Erase everything …',
    sure: 'Erase everything?',
    noUndo: 'It cannot be undone, and this address cannot subscribe again.',
    yes: 'Yes, erase everything',
    no: 'No, go back',
    erased: 'Everything is erased',
    farewell:
      'Nothing is left but the keyed hash that keeps mail from you. Farewell, and thank you for reading.',
    wait: 'In a minute, please',
    inFlight: <T>(link: Put<T>): Parts<T> => [
      'A mail to you is just being handed over, and its record must stay until that has an answer. Nothing was erased yet. ',
      link('Try again in a minute.'),
    ],
    asked: 'Look in the other inbox',
    askedOther: <T>(address: T): Parts<T> => [
      'A mail is on its way to ',
      address,
      '. Press its button within a week, and your digest goes there from then on; until then nothing changes.',
    ],
    useThis: 'Use this address?',
    fromNowOn: <T>(address: T): Parts<T> => [
      'From now on the digest goes to ',
      address,
      ', with topics and time as they are.',
    ],
    useButton: 'Use this address',
    moved: 'Your digest has moved',
    goesTo: <T>(address: T): Parts<T> => [
      'It goes to ',
      address,
      ' now. Links in older mails have ended, but for those that unsubscribe.',
    ],
    preferences: 'Your topics and time',
  },

  feeds: {
    digests: 'Broadsheet: your digests',
    digest: (day: string, papers: number) => `${day}: ${count(papers, 'paper')} for you`,
    ofTopic: (topic: string) => `Broadsheet: ${topic}`,
  },

  /** Why a paper would be in a digest. */
  preview: {
    why: (reasons: readonly string[], votes: number, isFeatured: boolean) =>
      `matched ${reasons.join(', ') || 'nothing'}; ${votes === 1 ? '1 vote' : `${votes} votes`}${isFeatured ? '; an editor’s pick' : ''}`,
    likes: (title: string) => `your likes (“${title}”)`,
    reason: (topic: string, phrase: string | undefined, inTitle: boolean) =>
      `${topic}${phrase === undefined ? '' : ` ('${phrase}')`}${inTitle ? ' in the title' : ''}`,
  },

  privacy: {
    title: 'What we keep',
    nothing: 'We count nothing you read.',
    how: ' The mails have no tracking pixel and no counted links. The pages set no cookie for readers; one small script chooses your time zone in the form, finds topics and shows your next digest while you choose; it speaks with nobody else. Pictures of papers come from us as well: nobody else learns that you looked.',
    caption: 'What, and for how long',
    what: 'What',
    kept: 'Kept',
    rows: (days: { unconfirmed: number }): readonly (readonly [string, string])[] => [
      ['An address that never confirmed', `${days.unconfirmed} days after the last mail that asked it to`],
      [
        'Your address, topics, time, amount and consent (when, on which form, by which words)',
        'until you have them erased, also after you leave, so that you can come back',
      ],
      [
        'Papers you wanted more or less of, topics you muted',
        'until you take it back, reset it or are erased',
      ],
      ['Each digest: its papers, and whether your mail server took it', 'until you are erased'],
      ['What your mail server said of a mail that came back', 'until you are erased'],
      ['How many forms came from a network or for an address, as keyed hashes', 'at most a day'],
      ['An address that bounced, complained or was erased', 'as a keyed hash, for good'],
    ],
    canDo: 'What you can do',
    canDoWhat: (undoDays: number) =>
      `From the link in any digest you change what comes, leave at once, and undo that for ${undoDays} days. For a copy of everything we keep, another address, or to be erased, the same page mails you a link that nobody else has.`,
    whoElse: 'Who else sees it',
    whoElseSees:
      'The service that carries the mail sees your address and the mail, as any mail server on the way does. Nobody else does, and nothing is sold.',
  },
};
