import type english from '../en/seats';
import { plurals } from '../plurals';
import words from './words';

const plural = plurals('hi-IN');

const seats: typeof english = {
  hold: {
    name: 'आपके लिए रोकी गई सीटें',
    timeLeft: 'भुगतान के लिए बचा समय',
    paying: 'भुगतान जारी',
    open: 'भुगतान अधूरा',
    lastMinute: 'भुगतान के लिए एक मिनट से भी कम बचा है।',
    more: () => 'और बुकिंग का भुगतान बाकी है',
    change: 'सीट बदलें',
    yours: (seats) =>
      plural(seats, {
        one: 'यह सीट आपके लिए रोकी गई है। बदलने के लिए दूसरी सीट चुनें।',
        other: 'ये सीटें आपके लिए रोकी गई हैं। बदलने के लिए दूसरी सीटें चुनें।',
      }),
    insteadOf: (seats, names) =>
      plural(seats, {
        one: `${names} की जगह, जो अभी आपके लिए रोकी गई है।`,
        other: `${names} की जगह, जो अभी आपके लिए रोकी गई हैं।`,
      }),
    keep: (seats) => plural(seats, { one: 'वही सीट रखें', other: 'वही सीटें रखें' }),
    endsPayment: 'कार्ड से भुगतान अधूरा है: सीट बदलने पर वह रुक जाएगा, और अभी चुकाए गए पैसे लौटा दिए जाएँगे।',
    kept: (seats, names) =>
      plural(seats, { one: `${names} अब भी आपके लिए रोकी गई है।`, other: `${names} अब भी आपके लिए रोकी गई हैं।` }),
    lost: (names) => `${names} को भी किसी और ने ले लिया। कृपया फिर से चुनें।`,
  },
  seats: {
    title: (show) => `${show} की सीटें`,
    loading: 'सीटें लोड हो रही हैं',
    back: 'शो पर वापस जाएँ',
    screeningCancelled: 'यह शो रद्द हो गया है।',
    bookingClosed: 'शो शुरू हो चुका है, इसलिए बुकिंग बंद है।',
    wasTaken: (seats, names) =>
      plural(seats, {
        one: `सीट ${names} अभी-अभी किसी और ने ले ली।`,
        other: `सीटें ${names} अभी-अभी किसी और ने ले लीं।`,
      }),
    atMost: (seats) =>
      plural(seats, {
        one: 'एक बुकिंग में # ही सीट हो सकती है।',
        other: 'एक बुकिंग में ज़्यादा से ज़्यादा # सीटें हो सकती हैं।',
      }),
    noneLeft: (seats) => `अब ${words.count.seats(seats)} खाली नहीं ${seats === 1 ? 'है' : 'हैं'}।`,
    noneLeftIn: (seats, category) =>
      `${category} में अब ${words.count.seats(seats)} खाली नहीं ${seats === 1 ? 'है' : 'हैं'}।`,
    apart: 'ये सभी सीटें साथ-साथ नहीं हैं। कम सीटें साथ मिल जाएँगी।',
    range: (first, last) => `${first} से ${last}`,
    stage: 'मंच',
    screen: 'स्क्रीन',
    plan: (free) => `सीटें। तीर वाली कुंजियों से घूमें, स्पेस से चुनें। ${words.count.seats(free)} खाली।`,
    keys: 'तीर से घूमें · स्पेस से चुनें · टैब से आगे बढ़ें',
    zoomIn: 'बड़ा करें',
    zoomOut: 'छोटा करें',
    wholeRoom: 'पूरा हॉल',
    yourChoice: 'आपकी पसंद',
    heldFor: (duration) => `भुगतान के लिए सीटें ${duration} तक आपके लिए रोकी जाती हैं।`,
    taken: (seats, names) => plural(seats, { one: `सीट ${names} ली जा चुकी है।`, other: `सीटें ${names} ली जा चुकी हैं।` }),
    takeBest: (seats) =>
      plural(seats, { one: 'इसकी जगह सबसे अच्छी खाली सीट लें', other: 'इनकी जगह सबसे अच्छी # खाली सीटें लें' }),
    noneChosen: 'कोई सीट नहीं चुनी',
    pick: 'नक्शे पर सीटें चुनें, या हमें चुनने दें।',
    continue: 'आगे बढ़ें',
    signIn: 'आगे बढ़ने के लिए साइन इन करें',
    signInFor: (seats, names) =>
      plural(seats, {
        one: `साइन इन करें, सीट ${names} आपके लिए रोक ली जाएगी।`,
        other: `साइन इन करें, सीटें ${names} आपके लिए रोक ली जाएँगी।`,
      }),
    soldOut: 'सभी टिकट बिक गए',
    comeBack: 'जिन सीटों का भुगतान नहीं होता, वे कुछ ही मिनटों में खाली होकर यहाँ अपने आप दिखने लगती हैं।',
    otherTimes: 'दूसरे समय',
    noOtherTime: 'किसी और समय में इतनी सीटें खाली नहीं हैं।',
    allTimes: 'सभी समय',
    legend: { free: 'खाली', chosen: 'चुनी हुई', held: 'रुकी हुई', sold: 'बिकी हुई', mine: 'आपकी' },
    howMany: 'कितनी सीटें',
    fewer: 'सीटें घटाएँ',
    more: 'सीटें बढ़ाएँ',
    unit: (seats) => plural(seats, { one: 'सीट', other: 'सीटें' }),
    category: 'श्रेणी',
    filter: 'कीमत',
    upTo: (price) => `${price} तक`,
    showAll: 'सभी सीटें दिखाएँ',
    anyPrice: 'कोई भी दाम',
    best: 'सबसे अच्छी<rest> खाली सीटें</rest>',
    prices: 'दाम',
    noneFree: 'सब बिक गईं',
    free: (seats) => `${seats} खाली`,
    wheelchair: (seats, names) =>
      plural(seats, {
        one: `${names} व्हीलचेयर की जगह है। कृपया इसे तभी चुनें जब किसी को इसकी ज़रूरत हो।`,
        other: `${names} व्हीलचेयर की जगहें हैं। कृपया इन्हें तभी चुनें जब किसी को इनकी ज़रूरत हो।`,
      }),
    wheelchairKept: (seats, names, time) =>
      plural(seats, {
        one: `${names} ${time} तक व्हीलचेयर वालों और उनके साथियों के लिए रखी गई है।`,
        other: `${names} ${time} तक व्हीलचेयर वालों और उनके साथियों के लिए रखी गई हैं।`,
      }),
    wheelchairAsk: 'हममें से कोई व्हीलचेयर पर आएगा',
    wheelchairPlaceToo: 'व्हीलचेयर की जगह भी चुनें।',
    leftAlone: (seats, names) =>
      plural(seats, {
        one: `${names} अकेली सीट रह जाएगी। क्या आप एक सीट खिसक सकते हैं?`,
        other: `${names} अकेली सीटें रह जाएँगी। क्या आप एक सीट खिसक सकते हैं?`,
      }),
    aloneRefused: (seats, names) =>
      plural(seats, {
        one: `${names} अकेली सीट रह जाएगी। कृपया एक सीट खिसककर चुनें, ताकि किसी को अकेले न बैठना पड़े।`,
        other: `${names} अकेली सीटें रह जाएँगी। कृपया एक सीट खिसककर चुनें, ताकि किसी को अकेले न बैठना पड़े।`,
      }),
    typeOf: (seat) => `सीट ${seat} का टिकट`,
    typeMax: (type, max) => `${type}: एक बुकिंग में ज़्यादा से ज़्यादा ${String(max)}।`,
    typeNeeds: (type, other) => `“${type}” टिकट सिर्फ़ “${other}” टिकट के साथ मिलता है।`,
    typeAccessible: (type) => `“${type}” टिकट हर व्हीलचेयर सीट के साथ एक ही मिलता है।`,
    chosenSeats: 'चुनी हुई सीटें',
    remove: (seat) => `सीट ${seat} हटाएँ`,
    newsChosen: (names) => `${names} को चुना गया।`,
    newsNotTogether: 'इतनी सीटें साथ-साथ खाली नहीं हैं।',
    newsKept: (names) => `${names} को वैसे ही रखा गया।`,
    newsRemoved: (seat) => `सीट ${seat} हटा दी गई।`,
    newsMine: (seat) => `सीट ${seat} पहले से आपकी है।`,
    newsTaken: (seat) => `सीट ${seat} ली जा चुकी है।`,
    newsAdded: (seat, seats, total) => `सीट ${seat} चुनी गई, कुल ${words.count.seats(seats)}, ${total}।`,
    states: {
      free: 'खाली',
      held: 'किसी और के लिए रुकी हुई',
      sold: 'बिकी हुई',
      blocked: 'बिक्री के लिए नहीं',
      mine: 'आपकी',
      chosen: 'चुनी हुई',
    },
    name: (row, number) => `पंक्ति ${row} सीट ${number}`,
    accessible: 'व्हीलचेयर के लिए',
    companion: 'व्हीलचेयर वाले के साथी के लिए',
    addCompanion: (seat) => `साथी के लिए ${seat} भी लें।`,
    keptForCompanions: (seats, names) =>
      plural(seats, {
        one: `${names} व्हीलचेयर वाले के साथी की सीट है। कृपया इसे तभी चुनें जब किसी को इसकी ज़रूरत हो।`,
        other: `${names} व्हीलचेयर वालों के साथियों की सीटें हैं। कृपया इन्हें तभी चुनें जब किसी को इनकी ज़रूरत हो।`,
      }),
    levels: 'मंज़िलें',
    standing: 'खड़े होने की जगहें',
    area: (label) => `खड़े होने की जगह ${label}`,
    areaFree: (free, places) => `${places} में से ${free} खाली`,
    areaChosen: (places) => plural(places, { one: '# जगह चुनी', other: '# जगहें चुनीं' }),
    areaKeys: 'स्पेस से एक जगह बढ़ती है, बैकस्पेस से घटती है',
    howManyIn: (label) => `खड़े होने की जगह ${label} में कितनी जगहें`,
    row: (row) => `पंक्ति ${row}`,
  },
  bill: {
    tickets: (tickets, type, price) => `${String(tickets)} × ${type}, ${price} का टिकट`,
    discount: 'छूट',
    discountBy: (name) => `छूट: ${name}`,
    discountWithCode: (code) => `${code} से छूट`,
    automatic: 'छूट, अपने आप लागू हुई',
    fee: 'बुकिंग शुल्क',
    feeIncluded: (fee) => `${fee} बुकिंग शुल्क सहित`,
    tax: (name, rate) => `${name} ${rate} शामिल`,
  },
};

export default seats;
